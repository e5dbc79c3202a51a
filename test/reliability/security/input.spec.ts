import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { amount } from '../../support/amount.js';

const REQUESTS = amount(10_000, 500);
const BURST = 100;
const AT_ONCE = 16;

describe('Hostile requests', () => {
  let bridge: RunningBridge;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

  beforeAll(async () => {
    bridge = await aBridge({
      rate_limiting: { enabled: true, burst_capacity: BURST, requests_per_second: 0.001 },
      upstreams: { echo: upstream('echo') },
    });
  });
  afterAll(async () => {
    agent.destroy();
    await bridge.close();
  });

  const statusFrom = (forwardedFor: string) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(`${bridge.url}/mcp/servers`, { agent, headers: { 'X-Forwarded-For': forwardedFor } }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.once('error', reject).end();
    });

  it(`T7, CVE-2026-30827: ${REQUESTS} requests that each claim another address drain one bucket`, async () => {
    const claimed = fc.sample(
      fc.oneof(fc.ipV4(), fc.ipV6(), fc.tuple(fc.ipV4(), fc.ipV6()).map(String), fc.stringMatching(/^[ -~]{0,20}$/)),
      REQUESTS,
    );
    const statuses: number[] = [];
    for (let sent = 0; sent < claimed.length; sent += AT_ONCE)
      statuses.push(...(await Promise.all(claimed.slice(sent, sent + AT_ONCE).map(statusFrom))));
    expect(statuses.filter((status) => status === 200)).toHaveLength(BURST);
    expect(statuses.filter((status) => status === 429)).toHaveLength(REQUESTS - BURST);
  }, 120_000);

  it('T8, GHSA-f897-62hf-6gxq: a body of very many elements is refused before anything copies it', async () => {
    const other = await aBridge({ upstreams: { echo: upstream('echo') } });
    const many = `{"name":"echo","arguments":{"a":[${'1,'.repeat(500_000)}1]}}`;
    await other.post('/mcp/tools/call', many);
    const before = process.memoryUsage().rss;
    for (let sent = 0; sent < 20; sent += 1) expect((await other.post('/mcp/tools/call', many)).status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1_048_576);
    expect(Object.keys(Object.prototype)).toEqual([]);
    await other.close();
  }, 30_000);
});
