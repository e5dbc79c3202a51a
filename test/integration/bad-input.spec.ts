import { connect } from 'node:net';
import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';

const envelope = (params: unknown) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
const nested = (depth: number) => `{"name":"echo","arguments":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

describe('Bad input', () => {
  let bridge: RunningBridge;

  beforeAll(async () => {
    bridge = await aBridge({ upstreams: { echo: upstream('echo', [], { policy: { tools: { echo: { kind: 'read' } } } }) } });
    await bridge.post('/mcp/tools/list', {});
  });
  afterAll(() => bridge.close());

  it.each<[string, unknown, number, number, string]>([
    ['no JSON', '{"name":', 400, -32700, 'JSON'],
    ['a batch', [envelope({})], 400, -32600, 'batch'],
    ['text for a body', '"text"', 400, -32600, 'object'],
    ['a number for a body', '7', 400, -32600, 'object'],
    ['another JSON-RPC version', { ...envelope({}), jsonrpc: '1.0' }, 400, -32600, 'jsonrpc'],
    ["another route's method", { ...envelope({}), method: 'tools/list' }, 400, -32600, 'method'],
    ['an id that is an array', { ...envelope({}), id: [] }, 400, -32600, 'id'],
    ['params that are an array', envelope([]), 400, -32602, 'params'],
    ['no tool name', envelope({}), 400, -32602, 'name'],
    ['a tool name that is a number', envelope({ name: 1 }), 400, -32602, 'name'],
    ['an empty tool name', { name: '' }, 400, -32602, 'name'],
    ['arguments that are text', { name: 'echo', arguments: 'x' }, 400, -32602, 'arguments'],
    ['_meta that is a number', { name: 'echo', _meta: 1 }, 400, -32602, '_meta'],
    ['a request id with spaces', { name: 'echo', request_id: 'a b' }, 400, -32602, 'request_id'],
    ['a tool that does not exist', { name: 'no_such_tool' }, 400, -32602, 'no_such_tool'],
    ['a forbidden key', '{"name":"echo","arguments":{"__proto__":{"x":1}}}', 400, -32600, '__proto__'],
    ['ten thousand levels', nested(10_000), 413, -32012, ''],
    ['two mebibytes', `{"name":"echo","arguments":{"text":"${'x'.repeat(2 ** 21)}"}}`, 413, -32012, '1048576'],
    ['a million elements', `{"name":"echo","arguments":{"x":[${'1,'.repeat(400_000)}1]}}`, 413, -32012, ''],
  ])('%s is answered with words, never with a 500', async (_what, body, status, code, words) => {
    const reply = await bridge.post('/mcp/tools/call', body);
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
    expect(JSON.stringify(reply.body.error)).toContain(words);
    expect(reply.body).toMatchObject({ jsonrpc: '2.0', bridge_info: { timestamp: expect.any(String) } });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it.each<[string, string, RequestInit, number, number]>([
    ['an unknown route', '/mcp/tools/cal', { method: 'POST', body: '{}' }, 404, -32601],
    ['an unknown server', '/mcp/servers/nobody/tools/call', { method: 'POST', body: '{"name":"echo"}' }, 404, -32601],
    ['the wrong HTTP method', '/mcp/tools/call', { method: 'GET' }, 405, -32600],
    ['a route whose capability the upstream lacks', '/mcp/prompts/list', { method: 'POST', body: '{}' }, 404, -32601],
    ['no request id for a session to end', '/mcp/session', { method: 'DELETE' }, 400, -32602],
  ])('%s', async (_what, path, init, status, code) => {
    const reply = await bridge.request(path, { ...init, headers: { 'Content-Type': 'application/json' } });
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
  });

  it('names the methods a path has when it is asked with another', async () => {
    expect((await bridge.get('/mcp/tools/call')).headers.get('allow')).toBe('POST');
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=latin1', 415],
  ])('refuses a body of %s', async (type, status) => {
    expect((await bridge.post('/mcp/tools/call', '{}', { 'Content-Type': type })).status).toBe(status);
  });

  it.each([
    ['X-Session-ID', 'nobody', 404, -32001],
    ['X-Priority', 'NOW', 400, -32602],
    ['X-Timeout', '301', 400, -32602],
    ['X-Timeout', 'soon', 400, -32602],
    ['X-Request-ID', 'not allowed!', 400, -32602],
    ['X-Client-ID', 'x'.repeat(129), 400, -32602],
  ])('refuses %s: %s', async (header, value, status, code) => {
    const reply = await bridge.call('echo', { text: 'x' }, { [header]: value });
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
    if (code === -32602) expect(reply.body.error.message).toContain(header);
  });

  it('cuts off a header with a control character and stays alive', async () => {
    const answer = await raw(
      bridge.url,
      'POST /mcp/tools/call HTTP/1.1\r\nHost: localhost\r\nX-Client-ID: a\u0001b\r\nContent-Length: 0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect((await bridge.call('echo', { text: 'alive' })).status).toBe(200);
  });
});

function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.setTimeout(2000, () => socket.destroy());
  });
}
