import { register } from 'prom-client';
import { anEdge, type Edge } from '../../test/support/edge-app.js';
import { eventually } from '../../test/support/eventually.js';

describe('the metrics of HTTP', () => {
  let edge: Edge;
  beforeAll(async () => (edge = await anEdge((config) => (config.rateLimiting.enabled = false))));
  afterAll(() => edge.close());

  const bridgeSeries = async () => (await register.metrics()).split('\n').filter((line) => line.startsWith('bridge_'));

  it('name a request by its route', async () => {
    await edge.send('POST', '/mcp/fail/queue_full', { body: '{}' });
    await eventually(async () => (await bridgeSeries()).includes('bridge_responses_total{endpoint="/mcp/fail/:name",status="503"} 1'));
    expect(await bridgeSeries()).toEqual(
      expect.arrayContaining([
        'bridge_requests_total{method="POST",endpoint="/mcp/fail/:name"} 1',
        'bridge_errors_total{type="queue_full",severity="error"} 1',
        'bridge_request_duration_seconds_count{method="POST",endpoint="/mcp/fail/:name"} 1',
      ]),
    );
  });

  it('stay as many as they are under hostile paths, methods, hosts and headers', async () => {
    const disturb = async (i: number) => {
      await edge.send('POST', `/mcp/fail/invalid_params?x=${i}`, { body: '{}', headers: { 'x-request-id': `r${i}` } });
      await edge.send('GET', `/nothing/${i}`);
      await edge.send('PROPFIND', `/mcp/tools/call${i}`);
      await edge.send('GET', '/', { headers: { host: `h${i}.example` } });
    };
    await disturb(0);
    const settled = await eventually(async () => {
      const before = (await bridgeSeries()).length;
      await disturb(1);
      return (await bridgeSeries()).length === before ? before : 0;
    });
    await Promise.all(Array.from({ length: 60 }, (_, i) => disturb(i + 2)));
    expect(await bridgeSeries()).toHaveLength(settled);
  });
});
