import { hash } from 'node:crypto';
import { anEdge, type Edge } from '../../test/support/edge-app.js';
import { ApiKeyConfig } from './access.config.js';

const KEY = 'a-key-that-nobody-else-has-0123456789';
const call = { body: '{}' };

function key(name: string, secret: string, rights: Partial<ApiKeyConfig> = {}): ApiKeyConfig {
  return Object.assign(new ApiKeyConfig(), { name, sha256: hash('sha256', secret), ...rights });
}

describe('the door with keys', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await anEdge((config) => {
      config.access.keys = [key('kitchen', KEY), key('alarm', 'another-key-entirely', { maxPriority: 'CRITICAL' })];
      config.access.trustProxy = ['127.0.0.0/8'];
    });
  });
  afterAll(() => edge.close());

  it.each(['GET', 'HEAD', 'POST', 'OPTIONS'])('stays shut for %s on every path that is not a probe, letter by letter', async (method) => {
    const paths = [
      '/mcp/tools/call',
      '/metrics',
      '/docs',
      '/nothing',
      '/',
      '//health',
      '/health/',
      '/HEALTH',
      '/%68ealth',
      '/health%2flive',
      '/health;a',
      '/health/live/',
      '/health/other',
      '/x/../health',
    ];
    for (const path of paths) {
      const { status } = await edge.send(method, path);
      expect({ path, status }).toEqual({ path, status: 401 });
    }
  });

  it.each(['/health', '/health/live', '/health/ready', '/health?full=1'])('lets %s in without a key, under any name', async (path) => {
    expect((await edge.send('GET', path, { headers: { host: 'pod-7.internal', origin: 'null' } })).status).toBe(200);
  });

  it.each([
    ['Authorization: Bearer', { authorization: `Bearer ${KEY}` }],
    ['a scheme in another case', { authorization: `bearer  ${KEY}` }],
    ['X-API-Key', { 'x-api-key': KEY }],
  ])('opens for a key in %s', async (_, headers) => {
    const { status, json } = await edge.send('POST', '/mcp/tools/call', { ...call, headers });
    expect(status).toBe(201);
    expect(json).toMatchObject({ principal: 'kitchen', maxPriority: 1 });
  });

  it.each([
    ['no key', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['an empty one', { 'x-api-key': '' }],
    ['the hash instead of the key', { 'x-api-key': hash('sha256', KEY) }],
    ['basic authentication', { authorization: `Basic ${btoa(`kitchen:${KEY}`)}` }],
    ['a key in the wrong case', { 'x-api-key': KEY.toUpperCase() }],
    ['two keys', { 'x-api-key': [KEY, KEY] }],
  ])('answers 401 to %s, and asks for a bearer token', async (_, headers) => {
    const { status, headers: answered, json } = await edge.send('POST', '/mcp/tools/call', { ...call, headers });
    expect(status).toBe(401);
    expect(answered['www-authenticate']).toMatch(/^Bearer/);
    expect(json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32010, data: { outcome: 'not_started' } } });
    expect(JSON.stringify(json)).not.toContain(KEY);
  });

  it('grants CRITICAL to the key that has it', async () => {
    const { json } = await edge.send('POST', '/mcp/tools/call', { ...call, headers: { 'x-api-key': 'another-key-entirely' } });
    expect(json).toMatchObject({ principal: 'alarm', maxPriority: 0 });
  });

  it('believes X-Forwarded-For from a trusted proxy, up to the first hop that is not one', async () => {
    const headers = { 'x-api-key': KEY, 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 127.0.0.2' };
    expect((await edge.send('POST', '/mcp/tools/call', { ...call, headers })).json.address).toBe('203.0.113.9');
  });
});

describe('the door without keys', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await anEdge((config) => {
      config.access.allowedHosts = ['Bridge.Lan'];
      config.access.allowedOrigins = ['https://console.lan'];
    });
  });
  afterAll(() => edge.close());

  it('lets everybody in as anonymous, CRITICAL aside', async () => {
    expect((await edge.send('POST', '/mcp/tools/call', call)).json).toMatchObject({
      principal: 'anonymous',
      maxPriority: 1,
      address: '127.0.0.1',
    });
  });

  it.each(['localhost', 'localhost:3003', '127.0.0.1:1', '192.168.1.22:3003', '[::1]:3003', '[fe80::1]', 'bridge.lan', 'BRIDGE.lan:3003'])(
    'passes the host %s',
    async (host) => {
      expect((await edge.send('POST', '/mcp/tools/call', { ...call, headers: { host } })).status).toBe(201);
    },
  );

  it.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'a@127.0.0.1',
    '[evil]',
    '0x7f.1',
    'localhost:80:80',
    'bridge.lan.',
    '127.0.0.1/',
    '[127.0.0.1]',
  ])('refuses the host %s', async (host) => {
    const { status, json } = await edge.send('POST', '/mcp/tools/call', { ...call, headers: { host } });
    expect(status).toBe(403);
    expect(json.error).toMatchObject({ code: -32011, data: { reason: 'host' } });
  });

  it.each([
    [201, 'https://console.lan'],
    [201, 'http://localhost:3003'],
    [201, 'https://localhost:3003'],
    [403, 'http://localhost:8080'],
    [403, 'http://evil.example'],
    [403, 'null'],
    [403, ''],
    [403, 'https://console.lan.evil.example'],
  ])('answers %i to a page of the origin %j, and never with CORS headers', async (expected, origin) => {
    for (const method of ['POST', 'OPTIONS']) {
      const { status, headers } = await edge.send(method, '/mcp/tools/call', {
        ...(method === 'POST' && call),
        headers: { host: 'localhost:3003', origin },
      });
      if (method === 'POST' || expected === 403) expect({ method, status }).toEqual({ method, status: expected });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('refuses an origin or a host that is sent twice', async () => {
    const ask = (...headers: string[]) => edge.sendRaw(['GET /mcp/any HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n'));
    expect(await ask()).toBe(200);
    expect(await ask('Origin: https://console.lan')).toBe(200);
    expect(await ask('Origin: https://console.lan', 'Origin: http://evil.example')).toBe(403);
    expect(await ask('Host: evil.example')).toBe(403);
  });

  it('does not believe X-Forwarded-For of a stranger', async () => {
    const { json } = await edge.send('POST', '/mcp/tools/call', { ...call, headers: { 'x-forwarded-for': '1.2.3.4' } });
    expect(json.address).toBe('127.0.0.1');
  });
});
