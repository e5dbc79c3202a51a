import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ApiKeyConfig } from '../access/access.config.js';
import { SessionPoolConfig } from '../session-pool/session-pool.config.js';
import { UpstreamConfig } from '../session-pool/upstream.config.js';
import { BridgeConfig } from '../bridge/bridge.config.js';
import { RedisConfig } from '../redis/redis.config.js';
import { Config } from './config.js';
import { loadConfig } from './load-config.js';
import { everyKey, fieldsOf } from './schema.js';

type Documented = { key: string; fallback: string; allowed: string };

const document = readFileSync('docs/configuration.md', 'utf8');
const pooled = fieldsOf(SessionPoolConfig).map(({ name }) => name);

describe('config/bridge.cluster.yaml', () => {
  it('is right when laid over the other file, and says only what differs', () => {
    const files = ['config/bridge.yaml', 'config/bridge.cluster.yaml'];
    const defaults = loadConfig({ env: {} }).config;
    const { bridge, redis } = defaults;
    expect(loadConfig({ files, env: {} }).config).toEqual(
      Object.assign(new Config(), defaults, {
        bridge: Object.assign(new BridgeConfig(), bridge, { workers: 4 }),
        redis: Object.assign(new RedisConfig(), redis, { url: 'redis://localhost:6379' }),
      }),
    );
    expect(loadConfig({ files, env: { REDIS_URL: 'redis://127.0.0.1:7000' } }).config.redis.url).toBe('redis://127.0.0.1:7000');
  });
});

describe('config/bridge.yaml', () => {
  const text = readFileSync('config/bridge.yaml', 'utf8');

  it('names every key with its default and a comment, and no other', () => {
    const open = [
      { key: 'upstreams', fallback: null },
      { key: 'policy', fallback: null },
    ];
    expect(leavesOf(parse(text))).toEqual([...everyKey().map(({ key, fallback }) => ({ key, fallback: fallback ?? null })), ...open]);
    const lines = text.split('\n');
    const bare = lines.filter((line, index) => /^ *\w+:/.test(line) && !line.endsWith(':') && !/^ *#/.test(lines[index - 1] ?? ''));
    expect(bare).toEqual([]);
  });

  it('changes nothing', () => {
    expect(loadConfig({ files: ['config/bridge.yaml'], env: {} }).config).toEqual(loadConfig({ env: {} }).config);
  });
});

describe('docs/configuration.md', () => {
  it('lists every key with its default and what it may hold', () => {
    const keys = everyKey().map(({ key, field, fallback }) => documented(key, field, fallback));
    const upstream = fieldsOf(UpstreamConfig).filter(({ name }) => !pooled.includes(name));
    const defaults = new Map<string, unknown>(Object.entries(new UpstreamConfig()));
    const ofKey = new Map<string, unknown>(Object.entries(new ApiKeyConfig()));
    expect(rows().sort(byKey)).toEqual(
      [
        ...keys,
        ...upstream.map((field) => documented(`upstreams.<name>.${field.name}`, field, defaults.get(field.property))),
        ...fieldsOf(ApiKeyConfig).map((field) => documented(`access.keys[].${field.name}`, field, ofKey.get(field.property))),
      ].sort(byKey),
    );
  });
});

function rows(): Documented[] {
  const lines = document.split('\n').filter((line) => /^\| `[a-z_]+\.[^`]+` \|/.test(line));
  return lines.map((line) => {
    const [, key = '', fallback = '', allowed = ''] = line.replaceAll('`', '').split(' | ').join('|').split('|');
    return { key: key.trim(), fallback, allowed };
  });
}

function documented(key: string, field: { expected: string; optional: boolean }, fallback: unknown): Documented {
  const shown = Array.isArray(fallback) ? '[]' : JSON.stringify(fallback ?? '').replaceAll('"', '');
  return { key, fallback: shown || '–', allowed: `${field.expected}${field.optional ? ', or nothing' : ''}` };
}

function byKey(a: Documented, b: Documented): number {
  return a.key < b.key ? -1 : 1;
}

function leavesOf(value: unknown, key = ''): { key: string; fallback: unknown }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ key, fallback: value }];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, key ? `${key}.${name}` : name));
}
