import { anEdge, type Edge } from '../../support/edge-app.js';

describe('T2, CVE-2025-66414, CVE-2026-42559: what a browser can send from a foreign page', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await anEdge(({ access }) => {
      access.allowedHosts = ['bridge.example'];
      access.allowedOrigins = ['https://console.example'];
    });
  });
  afterAll(() => edge.close());

  it.each([
    ['127.0.0.1:3003', undefined, 200],
    ['[::1]:3003', undefined, 200],
    ['LOCALHOST', undefined, 200],
    ['bridge.example', undefined, 200],
    ['bridge.example.evil.test', undefined, 403],
    ['127.0.0.1.evil.test', undefined, 403],
    ['localhost@evil.test', undefined, 403],
    ['127.1', undefined, 403],
    ['127.0.0.1', 'http://127.0.0.1', 200],
    ['127.0.0.1', 'https://console.example', 200],
    ['127.0.0.1', 'https://console.example.evil.test', 403],
    ['127.0.0.1', 'http://127.0.0.1:8080', 403],
    ['127.0.0.1', 'null', 403],
    ['127.0.0.1', '', 403],
    ['evil.test', 'http://evil.test', 403],
  ])('Host %p with Origin %p: %i, and never a word of CORS', async (host, origin, status) => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const answer = await edge.send(method, '/mcp/any', { headers: { host, ...(origin !== undefined && { origin }) } });
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([status, undefined]);
    }
  });

  it.each(['Host:', 'Host: 127.0.0.1\r\nHost: evil.test', 'Host: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nOrigin: http://evil.test'])(
    'an empty Host, or a header sent twice, is refused: %p',
    async (headers) => {
      expect(await edge.sendRaw(`GET /mcp/any HTTP/1.1\r\n${headers}\r\n\r\n`)).toBeGreaterThanOrEqual(400);
    },
  );
});
