import { Replicas } from '../../src/shared-state/replicas.js';
import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../support/redis-server.js';

const POLICY = { tools: { echo: { kind: 'read' }, slow: { kind: 'write' } } };
const LOADED_MS = 60_000;

describe('A bridge in two halves', () => {
  let redis: RedisServer;
  let front: RunningBridge;
  let back: RunningBridge;

  const half = (role: 'front' | 'back', prefix: string) =>
    aBridge({
      bridge: { role },
      redis: { url: redis.url, prefix },
      shutdown: { delay_seconds: 0, timeout_seconds: 1 },
      monitoring: { prometheus_enabled: true, prometheus_port: 0 },
      upstreams: { echo: upstream('echo', [], { min_connections: 1, policy: POLICY }) },
    });

  beforeAll(async () => {
    redis = await aRedisServer();
    const prefix = freshPrefix();
    front = await half('front', prefix);
    back = await half('back', prefix);
    for (const one of [front, back]) await eventually(async () => (await one.get('/health/ready')).status === 200, Boolean, LOADED_MS);
  }, LOADED_MS);
  afterAll(async () => {
    await Promise.all([front.close(), back.close()]);
    await redis.close();
  }, LOADED_MS);

  it(
    'answers at the front what the back runs',
    async () => {
      await eventually(() => front.app.get(Replicas).live().size === 2, Boolean, LOADED_MS);
      expect((await front.call('slow', { ms: 1 })).status).toBe(200);
      const opened = await front.post('/mcp/initialize', { protocolVersion: '2025-06-18' });
      expect(opened.body).toMatchObject({ result: { serverInfo: { name: expect.any(String) } } });
      expect((await front.post('/mcp/tools/list', {})).body.tools.length).toBeGreaterThan(0);
    },
    LOADED_MS,
  );

  it(
    'has no calls at the back, but health and metrics',
    async () => {
      expect((await back.call('slow', { ms: 1 })).status).toBe(404);
      expect((await back.get('/mcp/status')).status).toBe(404);
      expect([(await back.get('/health')).status, (await back.get('/metrics')).status]).toEqual([200, 200]);
    },
    LOADED_MS,
  );

  it(
    'runs nothing without a back',
    async () => {
      await back.close();
      const { status, body } = await front.call('slow', { ms: 1 }, { 'X-Timeout': '1' });
      expect([status, body.error.data.outcome]).toEqual([504, 'not_started']);
    },
    LOADED_MS,
  );
});
