import { anEdge, type Edge } from '../../test/support/edge-app.js';

describe('an error', () => {
  let edge: Edge;
  beforeAll(async () => (edge = await anEdge((config) => (config.rateLimiting.enabled = false))));
  afterAll(() => edge.close());

  const fail = (name: string, body: object = {}, headers: Record<string, string> = {}) =>
    edge.send('POST', `/mcp/fail/${name}`, { body: JSON.stringify(body), headers });

  it('is told in an envelope with the id of its request', async () => {
    const { status, json } = await fail('outcome_unknown', { id: 'seven', outcome: 'unknown' }, { 'x-request-id': 'my:id_1.2-3' });
    expect(status).toBe(502);
    expect(json).toEqual({
      jsonrpc: '2.0',
      id: 'seven',
      error: { code: -32005, message: 'It failed', data: { id: 'seven', outcome: 'unknown' } },
      bridge_info: { timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), request_id: 'my:id_1.2-3' },
    });
  });

  it.each([0, 7, 'text', null])('echoes the id %j', async (id) => {
    expect((await fail('invalid_params', { id })).json.id).toBe(id);
  });

  it.each([{}, { id: {} }, { id: [1] }, { id: true }, { id: 2 ** 53 }])('has the id null for a body %j', async (body) => {
    expect((await fail('invalid_params', body)).json.id).toBeNull();
  });

  it.each([
    ['queue_full', { estimated_wait_ms: 2100 }, '3'],
    ['draining', {}, '1'],
    ['upstream_unavailable', { retry_after_ms: 100 }, '1'],
    ['upstream_unavailable', {}, undefined],
    ['deadline_passed', {}, undefined],
  ])('%s with %j says Retry-After: %s', async (name, data, expected) => {
    expect((await fail(name, data)).headers['retry-after']).toBe(expected);
  });

  it.each(['a b', 'ä', 'x'.repeat(129), 'a,b', ''])('does not echo the request id %j', async (id) => {
    const { headers, json } = await fail('invalid_params', {}, { 'x-request-id': id });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(json.bridge_info.request_id).toBe(headers['x-request-id']);
  });

  it('of our own is told without details, as one that may have happened, and logged once with the id of the request', async () => {
    edge.logged.length = 0;
    const { status, json, text } = await fail('bug', {}, { 'x-request-id': 'r1' });
    expect(status).toBe(500);
    expect(json.error).toEqual({ code: -32603, message: 'Internal error', data: { outcome: 'unknown' } });
    expect(text).not.toContain('secret');
    expect(edge.logged).toEqual([
      { level: 'ERROR', message: expect.any(String), fields: { request_id: 'r1', error: new Error('a secret detail') } },
    ]);
  });

  it('of a caller is not logged', async () => {
    edge.logged.length = 0;
    await fail('invalid_params');
    expect(edge.logged).toEqual([]);
  });

  it('tells an unknown route from a wrong method', async () => {
    const unknown = await edge.send('GET', '/mcp/nothing');
    expect([unknown.status, unknown.json.error.code]).toEqual([404, -32601]);

    const wrong = await edge.send('GET', '/mcp/fail/bug');
    expect([wrong.status, wrong.json.error.code, wrong.headers.allow]).toEqual([405, -32600, 'POST']);
    expect((await edge.send('DELETE', '/health')).headers.allow).toBe('HEAD, GET');
  });

  it.each(['/%', '/mcp/fail/%ff', '/%E0%A4%A', '/mcp/tools/call/%2e%2e/%'])(
    'of a path that cannot be decoded (%s) is never ours',
    async (path) => {
      for (const method of ['GET', 'POST']) {
        expect([400, 404]).toContain((await edge.send(method, path)).status);
      }
    },
  );
});
