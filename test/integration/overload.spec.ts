import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';

const policy = { tools: { slow: { kind: 'read', priority: 'BULK', timeout_seconds: 60 }, echo: { kind: 'read', priority: 'CRITICAL' } } };
const ONE_AT_A_TIME = { min_connections: 1, target_connections: 1, max_connections: 1, max_in_flight: 1, warm_spares: 0, policy };

describe('A busy queue', () => {
  let bridge: RunningBridge;
  let leaving: AbortController;

  beforeEach(() => (leaving = new AbortController()));
  afterEach(async () => {
    leaving.abort();
    await bridge.close();
  });

  const pending = async (): Promise<number> => (await bridge.get('/mcp/status')).body.queue.pending;

  function flood(count: number, ms: number): Promise<PromiseSettledResult<{ status: number; headers: Headers; body: any }>[]> {
    const calls = [...Array(count).keys()].map((n) =>
      bridge.post('/mcp/tools/call', { name: 'slow', arguments: { ms, n } }, { 'X-Priority': 'MEDIUM' }, leaving.signal),
    );
    return Promise.allSettled(calls);
  }

  it('serves a CRITICAL read before five hundred waiting calls', async () => {
    bridge = await aBridge({ upstreams: { echo: upstream('echo', [], ONE_AT_A_TIME) } });
    const crowd = flood(501, 1000);
    await eventually(pending, (waiting) => waiting >= 490, 40_000);

    const { status, body } = await bridge.call('echo', { text: 'now' });
    expect(status).toBe(200);
    expect(body.bridge_info.priority).toBe('CRITICAL');
    expect(await pending()).toBeGreaterThan(400);
    leaving.abort();
    await crowd;
  }, 60_000);

  it('refuses the call after the last place with 503, Retry-After and words', async () => {
    bridge = await aBridge({ queue: { max_size: 20 }, upstreams: { echo: upstream('echo', [], ONE_AT_A_TIME) } });
    await bridge.call('slow', { ms: 50 });
    const replies = (await flood(40, 60)).flatMap((reply) => (reply.status === 'fulfilled' ? [reply.value] : []));
    const refused = replies.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    for (const { headers, body } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(body.error).toMatchObject({ code: -32000, data: { queue_size: 20, estimated_wait_ms: expect.any(Number) } });
    }
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(40 - refused.length);
  });
});
