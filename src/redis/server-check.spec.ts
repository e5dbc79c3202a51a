import { checkServer } from './server-check.js';

const REDIS = {
  redis_version: '7.0.15',
  run_id: '6f0bf13ac91a',
  role: 'master',
  maxmemory_policy: 'noeviction',
  aof_enabled: '1',
};

/** As a server prints it: sections, comments, and lines that end in both characters. */
function info(changes: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ ...REDIS, ...changes }).map(([name, value]) => `${name}:${value}`);
  return ['# Server', ...lines, '', '# Keyspace', 'db0:keys=1,expires=0,avg_ttl=0', ''].join('\r\n');
}

describe(checkServer.name, () => {
  it('accepts a primary that evicts nothing and keeps an append-only file', () => {
    expect(checkServer(info())).toEqual({ ok: true, runId: '6f0bf13ac91a', version: 'redis 7.0.15', isVolatile: false });
  });

  it('accepts one without an append-only file, and says that it forgets', () => {
    expect(checkServer(info({ aof_enabled: '0' }))).toMatchObject({ ok: true, isVolatile: true });
  });

  it.each([
    ['6.2.14', undefined],
    ['2.8.24', undefined],
    ['7.2.4', '7.0.1'],
    ['', undefined],
    ['unknown', undefined],
  ])('refuses redis %p, valkey %p as too old', (redis, valkey) => {
    const versions = { redis_version: redis, ...(valkey !== undefined && { valkey_version: valkey }) };
    expect(checkServer(info(versions))).toMatchObject({ ok: false, reason: expect.stringContaining('Redis 7.0, Valkey 7.2') });
  });

  it.each([
    ['7.0.0', undefined],
    ['8.2.1', undefined],
    ['10.0.0', undefined],
    ['7.2.4', '7.2.11'],
    ['7.2.4', '8.1.0'],
  ])('accepts redis %p, valkey %p', (redis, valkey) => {
    const versions = { redis_version: redis, ...(valkey !== undefined && { valkey_version: valkey }) };
    expect(checkServer(info(versions))).toMatchObject({ ok: true });
  });

  it('refuses a replica, and a policy that evicts, each with its remedy', () => {
    expect(checkServer(info({ role: 'slave' }))).toMatchObject({ ok: false, reason: expect.stringContaining('primary') });
    expect(checkServer(info({ maxmemory_policy: 'allkeys-lru' }))).toEqual({
      ok: false,
      reason: 'Redis may evict what was accepted: it needs maxmemory-policy noeviction',
      found: 'maxmemory-policy allkeys-lru',
    });
  });
});
