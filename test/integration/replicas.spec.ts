import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from '../../src/redis/redis.js';
import { Replicas } from '../../src/shared-state/replicas.js';
import { aBridge, type Reply, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../support/redis-server.js';

const INITIALIZE = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const POLICY = {
  retry: { max_attempts: 1 },
  tools: {
    read: {
      kind: 'read',
      timeout_seconds: 10,
      cache: { ttl_seconds: 60, vary_by: ['/op'], tags: ['{op}'] },
      fallback: 'fail_fast_with_reason',
    },
    other: { kind: 'read', timeout_seconds: 10, fallback: 'fail_fast_with_reason' },
    write: { kind: 'write', timeout_seconds: 10, targets: ['/op'] },
  },
};

describe('Two replicas on one Redis', () => {
  let server: RedisServer;
  let folder: string;
  let one: RunningBridge;
  let two: RunningBridge;

  const settings = (prefix: string, more: object = {}) => ({
    redis: { url: server.url, prefix },
    shutdown: { delay_seconds: 0, timeout_seconds: 1 },
    upstreams: { house: upstream('outage', [join(folder, 'mode'), join(folder, 'log')], { min_connections: 1, policy: POLICY }) },
    ...more,
  });
  const set = (mode: string) => writeFileSync(join(folder, 'mode'), mode);
  const reached = () => readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');
  const read = (bridge: RunningBridge, op: string, headers = {}) => bridge.call('read', { op }, headers);
  const untilReady = (bridge: RunningBridge) => eventually(async () => (await bridge.get('/health/ready')).status === 200);
  const told = ({ status, body }: Reply) => [status, body.error?.code];

  beforeAll(async () => {
    server = await aRedisServer();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'replicas-'));
    set('ok');
    writeFileSync(join(folder, 'log'), '');
  });
  afterEach(async () => {
    await Promise.all([one.close(), two.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  afterAll(() => server.close());

  async function begin(more: object = {}): Promise<void> {
    const prefix = freshPrefix();
    [one, two] = await Promise.all([aBridge(settings(prefix, more)), aBridge(settings(prefix, more))]);
    await Promise.all([untilReady(one), untilReady(two)]);
  }

  it('know each other, and serve a session that was opened on the other until one of them ends it', async () => {
    await begin();
    const { session_id: session } = (await one.post('/mcp/initialize', INITIALIZE)).body.result;
    expect((await read(two, 'a', { 'X-Session-ID': session })).status).toBe(200);
    expect((await two.request('/mcp/session', { method: 'DELETE', headers: { 'X-Session-ID': session } })).status).toBe(204);
    expect((await read(one, 'a', { 'X-Session-ID': session })).status).toBe(404);
    await eventually(() => one.app.get(Replicas).live().size === 2 && two.app.get(Replicas).live().size === 2);
    await two.close();
    await eventually(() => one.app.get(Replicas).live().size === 1);
  });

  it('share one rate limit', async () => {
    await begin({ rate_limiting: { enabled: true, requests_per_second: 0.01, burst_capacity: 6 } });
    const statuses = [];
    for (let call = 0; call < 8; call += 1) statuses.push((await (call % 2 === 0 ? one : two).call('other', { op: 'x' })).status);
    expect(statuses).toEqual([...Array(6).fill(200), 429, 429]);
  });

  it('read their own writes on the other', async () => {
    await begin();
    await Promise.all([read(one, 'lamp'), read(two, 'lamp')]);
    expect((await read(two, 'lamp')).body.bridge_info.cached).toBe(true);
    expect((await one.call('write', { op: 'lamp' })).status).toBe(200);
    expect((await read(two, 'lamp')).body.bridge_info.cached).toBe(false);
  });

  it('believe each other that an upstream is away', async () => {
    await begin();
    set('unavailable');
    for (let call = 0; call < 5; call += 1) await one.call('other', { op: `fails ${call}` });
    const before = reached().length;
    await eventually(async () => {
      const reply = await two.call('other', { op: 'asks in vain' });
      return reply.body.error?.data.retry_after_ms !== undefined;
    });
    expect(told(await two.call('other', { op: 'is refused' }))).toEqual([503, -32004]);
    expect(
      reached()
        .slice(before)
        .some((line) => line.includes('is refused')),
    ).toBe(false);
  });

  it('do all they do as a user with the rights that the documents give, in a prefix of their own', async () => {
    const prefix = freshPrefix();
    const admin = await Redis.open(server.url, 'admin');
    const rights = [`~{${prefix}}*`, `&{${prefix}}*`, '+@all', '-@dangerous', '+info'];
    await admin.command.acl('SETUSER', 'bridge', 'reset', 'on', '>password', ...rights);
    await admin.close();
    const redis = { url: `redis://bridge:password@127.0.0.1:${server.port}`, prefix };
    [one, two] = await Promise.all([aBridge(settings(prefix, { redis })), aBridge(settings(prefix, { redis }))]);
    await Promise.all([untilReady(one), untilReady(two)]);
    const calls = Array.from({ length: 40 }, (_, call) => (call % 2 === 0 ? one : two).call('write', { op: 'lamp', ms: 1 }));
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(40).fill(200));
    expect((await two.call('other', { op: 'x' }, { 'X-Request-ID': 'once' })).status).toBe(200);
  });

  it('are not ready without Redis, answer from memory, refuse the rest at once, and go on when it is back', async () => {
    await begin();
    await read(one, 'known');
    await server.kill();
    await eventually(async () => (await one.get('/health/ready')).status === 503);
    expect((await read(one, 'known')).body.bridge_info.cached).toBe(true);
    const startedAt = performance.now();
    expect(told(await read(one, 'unknown'))).toEqual([503, -32000]);
    const write = await two.call('write', { op: 'lamp' });
    expect([told(write), write.body.error.data.outcome]).toEqual([[503, -32000], 'not_started']);
    expect(performance.now() - startedAt).toBeLessThan(1000);

    await server.restart();
    await Promise.all([untilReady(one), untilReady(two)]);
    expect((await read(one, 'unknown')).status).toBe(200);
  });

  it('start without Redis, say why they are not ready, refuse calls, and join when it appears', async () => {
    await server.kill();
    const prefix = freshPrefix();
    [one, two] = await Promise.all([aBridge(settings(prefix)), aBridge(settings(prefix))]);
    const ready = await one.get('/health/ready');
    expect([ready.status, JSON.stringify(ready.body)]).toEqual([503, expect.stringContaining('Redis cannot be reached')]);
    expect((await one.get('/health/live')).status).toBe(200);
    const write = await one.call('write', { op: 'lamp' });
    expect([told(write), write.body.error.data.outcome]).toEqual([[503, -32000], 'not_started']);
    await server.restart();
    await Promise.all([untilReady(one), untilReady(two)]);
    expect((await read(two, 'lamp')).status).toBe(200);
    expect(reached()).toEqual(['ok read lamp']);
  });
});
