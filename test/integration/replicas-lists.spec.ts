import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../support/redis-server.js';

describe('A list of tools that replicas share', () => {
  const prefix = freshPrefix();
  const running: RunningBridge[] = [];
  let redis: RedisServer;

  beforeAll(async () => (redis = await aRedisServer()));
  afterAll(async () => {
    await Promise.all(running.map((bridge) => bridge.close()));
    await redis.close();
  });

  async function over(program: string): Promise<{ readonly bridge: RunningBridge; readonly tools: readonly string[] }> {
    const bridge = await aBridge({
      redis: { url: redis.url, prefix },
      cache: { levels: { l2: { enabled: true, url: redis.url } } },
      shutdown: { delay_seconds: 0, timeout_seconds: 1 },
      upstreams: { house: upstream(program, [], { min_connections: 1 }) },
    });
    running.push(bridge);
    const isKnown = async () => (await bridge.get('/health')).body.dependencies.house.status === 'ok';
    await eventually(isKnown, Boolean, 20_000);
    const { body } = await bridge.post('/mcp/tools/list', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    return { bridge, tools: body.result.tools.map(({ name }: { name: string }) => name) };
  }

  it('is that of the server which the asked replica runs, whatever server was there before or is elsewhere', async () => {
    const old = await over('echo');
    const changed = await over('stateful');
    expect(changed.tools).not.toEqual(old.tools);
    const again = await old.bridge.post('/mcp/tools/list', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(again.body.result.tools.map(({ name }: { name: string }) => name)).toEqual(old.tools);
  }, 60_000);
});
