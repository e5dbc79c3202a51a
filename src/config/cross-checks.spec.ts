import 'reflect-metadata';
import { type LoadedConfig, loadConfig } from './load-config.js';

function load(text: string): LoadedConfig {
  return loadConfig({ files: [`{${text}}`], env: {} });
}

describe('crossCheck', () => {
  it.each([
    ['bridge: {workers: 2}', 'bridge.workers: more than one worker needs redis.url'],
    ['bridge: {role: front}', 'bridge.role: front needs redis.url'],
    ['session_pool: {min_connections: 6}', 'session_pool.min_connections: expected at most session_pool.target_connections (5), found 6'],
    ['session_pool: {max_connections: 4}', 'session_pool.target_connections: expected at most session_pool.max_connections (4), found 5'],
    ['client_sessions: {idle_seconds: 90000}', 'client_sessions.idle_seconds: expected at most client_sessions.max_age_seconds (86400)'],
    ['client_sessions: {max: 99}', 'client_sessions.max_per_key: expected at most client_sessions.max (99)'],
    ['redis: {url: "http://localhost"}', 'redis.url: expected redis://…'],
    ['redis: {url: "redis://redis:6379"}', 'redis.url: a Redis on another machine needs a password'],
    [
      'redis: {url: "redis://localhost"}, cache: {levels: {l2: {enabled: true, url: "redis://localhost/1"}}}',
      'cache.levels.l2.url: differs from redis.url',
    ],
    ['policy: {home-asistant: {}}', 'policy.home-asistant: names no upstream, did you mean home-assistant?'],
    [`access: {keys: [{name: a, sha256: ${'0'.repeat(63)}f, servers: [x]}]}`, 'access.keys[0].servers[0]: names no upstream'],
    [
      `access: {keys: [{name: a, sha256: ${'a'.repeat(64)}}, {name: a, sha256: ${'b'.repeat(64)}}]}`,
      'access.keys[1].name: another key has this name',
    ],
    [
      `access: {keys: [{name: a, sha256: ${'a'.repeat(64)}}, {name: b, sha256: ${'a'.repeat(64)}}]}`,
      'access.keys[1].sha256: another entry has this hash',
    ],
    ['monitoring: {health_check_path: /mcp/health}', 'monitoring.health_check_path: expected a path that is not taken'],
    ['monitoring: {health_check_path: /docs}', 'monitoring.health_check_path: expected a path that is not taken'],
  ])('refuses %s', (text, message) => {
    expect(() => load(text)).toThrow(message);
  });

  it.each([
    'bridge: {workers: 2, role: back}, redis: {url: "redis://127.0.0.1:6379"}',
    'redis: {url: "redis://redis:6379", allow_insecure: true}',
    'redis: {url: "rediss://:password@redis:6379"}',
    'redis: {url: /run/redis.sock}',
    'bridge: {port: 9090}',
  ])('accepts %s', (text) => {
    expect(load(text)).toBeDefined();
  });

  it('takes the url of one of Redis and the second cache level for the other', () => {
    const l2 = load('cache: {levels: {l2: {enabled: true, url: "redis://localhost:7"}}}').config;
    expect(l2.redis.url).toBe('redis://localhost:7');
    const redis = load('redis: {url: "redis://localhost:7"}, cache: {levels: {l2: {enabled: true}}}').config;
    expect(redis.cache.levels.l2.url).toBe('redis://localhost:7');
    expect(load('').config.redis.url).toBeUndefined();
  });

  it('warns of a Redis without encryption and of a drain longer than anybody waits', () => {
    const { warnings } = load('redis: {url: "redis://:p@redis"}, shutdown: {delay_seconds: 30}');
    expect(warnings).toEqual([expect.stringContaining('not encrypted'), expect.stringContaining('raise the 90 s')]);
  });
});
