import { hash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { openApiDocument } from '../../../src/launch/openapi.js';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';

const KEY = 'the key of the auth matrix, 256 bits in real life';
const METHODS = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT'];

/** What a router might take for the same route, and a lookup of the exact path would not. */
const TRICKS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => path.toUpperCase(),
  (path) => `/${path.slice(1).replace('/', '%2f')}`,
  (path) => path.replace('m', '%6d'),
  (path) => `${path}?x=/health`,
  (path) => `${path};/health`,
  (path) => `/health/..${path}`,
  (path) => `/health%2f..${path}`,
  (path) => `http://127.0.0.1${path}`,
];

describe('T1, T21, CVE-2026-2293, CVE-2026-33011, CVE-2026-54281: no path walks around the key', () => {
  let bridge: RunningBridge;
  beforeAll(async () => {
    bridge = await aBridge({
      access: { keys: [{ name: 'reader', sha256: hash('sha256', KEY), servers: ['open'], tools: ['read_*'] }] },
      upstreams: { open: upstream('echo'), closed: upstream('echo') },
    });
  });
  afterAll(() => bridge.close());

  it('every route, in every spelling, by every method: 401', async () => {
    const documented = Object.keys(openApiDocument(bridge.app).paths).filter((path) => !path.startsWith('/health'));
    const paths = [...documented, '/docs', '/docs/openapi.json', '/nope'];
    const requests = paths.flatMap((path) => METHODS.flatMap((method) => TRICKS.map((trick) => [method, trick(path)] as const)));
    const answered = await Promise.all(
      requests.map(async ([method, path]) => `${await statusOf(bridge.url, method, path)} ${method} ${path}`),
    );
    expect(documented.length).toBeGreaterThan(10);
    expect(answered.filter((line) => !line.startsWith('401 '))).toEqual([]);
  }, 30_000);

  it.each([
    ['another key', { 'X-API-Key': 'x' }],
    ['an empty key', { 'X-API-Key': '' }],
    ['the hash in place of the key', { 'X-API-Key': hash('sha256', KEY) }],
    ['another scheme', { Authorization: `Basic ${KEY}` }],
    ['an unsigned token', { Authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZWFkZXIifQ.' }],
  ])('%s opens nothing', async (_case, headers) => {
    expect((await bridge.get('/mcp/status', headers)).status).toBe(401);
  });

  it('a key reaches its own servers and tools only', async () => {
    const headers = { 'X-API-Key': KEY };
    const [tool, server, listed] = await Promise.all([
      bridge.call('echo', {}, headers),
      bridge.post('/mcp/servers/closed/tools/call', { name: 'read_x' }, headers),
      bridge.get('/mcp/servers', headers),
    ]);
    expect(tool).toMatchObject({ status: 403, body: { error: { code: -32011, data: { outcome: 'not_started' } } } });
    expect(server.status).not.toBe(200);
    expect(listed.body.servers.map(({ name }: { name: string }) => name)).toEqual(['open']);
  });
});

/** Over a raw socket: a client library would tidy the path up. */
async function statusOf(url: string, method: string, path: string): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(answer.toString().split(' ')[1]);
}
