import { hash } from 'node:crypto';
import { anEdge, type Edge } from '../../test/support/edge-app.js';
import { ApiKeyConfig } from './access.config.js';

const call = (edge: Edge, headers: Record<string, string> = {}) => edge.send('POST', '/mcp/tools/call', { body: '{}', headers });

describe('the rate limit', () => {
  let edge: Edge;
  afterEach(() => edge.close());

  it('refuses who has used up his bucket, and says when to come back', async () => {
    edge = await anEdge(({ rateLimiting }) => Object.assign(rateLimiting, { burstCapacity: 2, requestsPerSecond: 0.4 }));
    expect((await call(edge)).headers).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '1', 'ratelimit-reset': '3' });
    expect((await call(edge)).status).toBe(201);

    const { status, headers, json } = await call(edge);
    expect(status).toBe(429);
    expect(headers).toMatchObject({ 'retry-after': '3', 'ratelimit-remaining': '0' });
    expect(json.error).toEqual({
      code: -32003,
      message: expect.any(String),
      data: { limit: 2, retry_after_ms: 2500, outcome: 'not_started' },
    });
  });

  it('does not count probes and scrapes', async () => {
    edge = await anEdge(({ rateLimiting }) => (rateLimiting.burstCapacity = 1));
    for (const path of ['/health', '/health/live', '/health/ready', '/metrics', '/health'])
      expect((await edge.send('GET', path)).status).toBe(200);
    expect(edge.tokens.taken.size).toBe(0);
  });

  it('counts by address, whatever strangers write into X-Forwarded-For', async () => {
    edge = await anEdge();
    for (let i = 0; i < 50; i++) await call(edge, { 'x-forwarded-for': `10.1.2.${i}` });
    expect([...edge.tokens.taken]).toEqual([['rate:127.0.0.1', 50]]);
  });

  it('counts by principal where there is one', async () => {
    edge = await anEdge(({ access }) => {
      access.keys = ['a', 'b'].map((name) => Object.assign(new ApiKeyConfig(), { name, sha256: hash('sha256', name) }));
    });
    for (const key of ['a', 'b', 'b']) await call(edge, { 'x-api-key': key });
    expect([...edge.tokens.taken]).toEqual([
      ['rate:a', 1],
      ['rate:b', 2],
    ]);
  });

  it('goes on by itself while the shared store is away', async () => {
    edge = await anEdge(({ rateLimiting }) => Object.assign(rateLimiting, { burstCapacity: 2, requestsPerSecond: 0.01 }));
    edge.tokens.isAway = true;
    expect([(await call(edge)).status, (await call(edge)).status, (await call(edge)).status]).toEqual([201, 201, 429]);
  });

  it('can be switched off', async () => {
    edge = await anEdge(({ rateLimiting }) => Object.assign(rateLimiting, { enabled: false, burstCapacity: 1 }));
    expect([(await call(edge)).status, (await call(edge)).status]).toEqual([201, 201]);
  });
});
