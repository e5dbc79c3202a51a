import type { SessionPoolConfig } from '../session-pool/session-pool.config.js';
import type { Config } from './config.js';
import { nearest } from './key-names.js';
import type { ProblemList } from './problem-list.js';
import type { Settings } from './settings.js';
import { isLoopback } from './loopback.js';

/** What compose and the chart leave a replica between SIGTERM and SIGKILL, less the seconds its end takes. */
const GRACE_SECONDS = 80;

/** Checks what no key can say alone. */
export function crossCheck(config: Config, settings: Settings, problems: ProblemList, warnings: string[]): void {
  const wrong = (key: string, message: string) => problems.at(settings, key, message);
  checkPools(config, settings, wrong);
  checkRedis(config, wrong, warnings);
  checkNames(config, wrong);
  checkTimes(config, wrong, warnings);
  checkHealthPath(config, wrong);
}

type Wrong = (key: string, message: string) => void;

function checkPools({ sessionPool, upstreams }: Config, settings: Settings, wrong: Wrong): void {
  const sizes = ['min_connections', 'target_connections', 'max_connections'];
  checkSizes(sessionPool, 'session_pool', wrong);
  for (const upstream of upstreams) {
    const section = settings.get('upstreams', upstream.name) === undefined ? 'mcpServers' : 'upstreams';
    // with no size of its own it has those that were checked above
    if (sizes.some((size) => settings.get(section, upstream.name, size) !== undefined))
      checkSizes(upstream, `${section}.${upstream.name}`, wrong);
  }
}

function checkSizes({ minConnections, targetConnections, maxConnections }: SessionPoolConfig, key: string, wrong: Wrong): void {
  if (minConnections > targetConnections) {
    wrong(`${key}.min_connections`, `expected at most ${key}.target_connections (${targetConnections}), found ${minConnections}`);
  }
  if (targetConnections > maxConnections) {
    wrong(`${key}.target_connections`, `expected at most ${key}.max_connections (${maxConnections}), found ${targetConnections}`);
  }
}

function checkRedis({ bridge, redis, cache, monitoring, upstreams }: Config, wrong: Wrong, warnings: string[]): void {
  const needs = 'needs redis.url, for';
  if (redis.url === undefined) {
    if (bridge.workers > 1) wrong('bridge.workers', `more than one worker ${needs} they share one queue, its locks and the sessions`);
    if (bridge.role !== 'all') wrong('bridge.role', `${bridge.role} ${needs} it is one half of a bridge and the other is elsewhere`);
    return;
  }
  for (const { name } of upstreams.filter(({ isolation }) => bridge.role !== 'all' && isolation === 'per_client')) {
    wrong(
      `upstreams.${name}.isolation`,
      `per_client needs bridge.role all: who opens a session keeps its child, and a ${bridge.role} does not`,
    );
  }
  if (bridge.workers > 1 && monitoring.prometheusEnabled && monitoring.prometheusPort === bridge.port) {
    warnings.push('monitoring.prometheus_port is bridge.port: there each of several workers tells only of itself');
  }
  checkRedisUrl('redis.url', redis.url, redis.allowInsecure, wrong, warnings);
  if (cache.levels.l2.enabled && cache.levels.l2.url !== redis.url) {
    wrong('cache.levels.l2.url', 'differs from redis.url, and a bridge has one Redis; leave one of the two out');
  }
}

function checkRedisUrl(key: string, url: string, insecure: boolean, wrong: Wrong, warnings: string[]): void {
  if (url.startsWith('/') || url.startsWith('unix:')) return;
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    wrong(key, 'expected redis://…, rediss://… or the path of a socket');
    return;
  }
  const { hostname, password, protocol } = new URL(url);
  if (isLoopback(hostname.replace(/^\[|\]$/g, ''))) return;
  if (!password && !insecure) wrong(key, 'a Redis on another machine needs a password; redis.allow_insecure: true does without one');
  if (protocol === 'redis:') warnings.push('redis.url: the connection to another machine is not encrypted (rediss:// is)');
}

function checkNames({ access, policy, upstreams }: Config, wrong: Wrong): void {
  const known = upstreams.map(({ name }) => name);
  const unknownUpstream = (name: string) => {
    const meant = nearest(name, known);
    return `names no upstream${meant ? `, did you mean ${meant}?` : ''}`;
  };
  for (const name of Object.keys(policy).filter((word) => !known.includes(word))) wrong(`policy.${name}`, unknownUpstream(name));

  for (const [position, name] of (access.jwt.servers ?? []).entries()) {
    if (!known.includes(name)) wrong(`access.jwt.servers[${position}]`, unknownUpstream(name));
  }
  for (const [index, key] of access.keys.entries()) {
    if (key.name && access.keys.findIndex(({ name }) => name === key.name) < index)
      wrong(`access.keys[${index}].name`, 'another key has this name');
    if (key.sha256 && access.keys.findIndex(({ sha256 }) => sha256 === key.sha256) < index)
      wrong(`access.keys[${index}].sha256`, 'another entry has this hash, and a key is one caller');
    for (const [position, name] of (key.servers ?? []).entries()) {
      if (!known.includes(name)) wrong(`access.keys[${index}].servers[${position}]`, unknownUpstream(name));
    }
  }
}

function checkTimes({ clientSessions, shutdown }: Config, wrong: Wrong, warnings: string[]): void {
  if (clientSessions.idleSeconds > clientSessions.maxAgeSeconds) {
    wrong('client_sessions.idle_seconds', `expected at most client_sessions.max_age_seconds (${clientSessions.maxAgeSeconds})`);
  }
  if (clientSessions.maxPerKey > clientSessions.max) {
    wrong('client_sessions.max_per_key', `expected at most client_sessions.max (${clientSessions.max})`);
  }
  if ((shutdown.delaySeconds ?? 0) + shutdown.timeoutSeconds > GRACE_SECONDS) {
    warnings.push(
      `shutdown.delay_seconds and shutdown.timeout_seconds are over ${GRACE_SECONDS} s together: raise the 90 s that compose and the chart wait before they kill`,
    );
  }
}

function checkHealthPath({ monitoring }: Config, wrong: Wrong): void {
  if (/^\/(mcp|metrics|docs)(\/|$)/.test(monitoring.healthCheckPath)) {
    wrong('monitoring.health_check_path', 'expected a path that is not taken by /mcp, /metrics or /docs');
  }
}
