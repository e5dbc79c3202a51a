import { gzipSync } from 'node:zlib';
import { anEdge, type Answer, type Edge } from '../../test/support/edge-app.js';

const TOO_LARGE = -32012;

describe('the body of a request', () => {
  let edge: Edge;
  beforeAll(async () => (edge = await anEdge((config) => (config.rateLimiting.enabled = false))));
  afterAll(() => edge.close());

  const post = (body?: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
    edge.send('POST', '/mcp/tools/call', { headers, ...(body !== undefined && { body }) });

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json; profile=x',
  ])('is read when its type is %s', async (type) => {
    const { status, json } = await post('{"größe":[1,null,{"a":"b"}]}', { 'content-type': type });
    expect(status).toBe(201);
    expect(json.body).toEqual({ größe: [1, null, { a: 'b' }] });
  });

  it.each([
    'text/plain',
    '',
    'application/jsonx',
    'application/json; charset=latin1',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('is refused with 415 when its type is %j', async (type) => {
    const { status, json } = await post('{}', { 'content-type': type });
    expect(status).toBe(415);
    expect(json.error).toMatchObject({ code: -32600, data: { outcome: 'not_started' } });
  });

  it('is refused with 415 when it is compressed', async () => {
    expect((await post(gzipSync('{}'), { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('may be absent', async () => {
    expect((await post()).json.body).toBeNull();
  });

  it.each(['{', 'no', '{"a":1,}', '\u0000', '{"password":"hunter2"'])(
    'is answered with a parse error when it is %j, without quoting it',
    async (body) => {
      const { status, json, text } = await post(body);
      expect(status).toBe(400);
      expect(json).toMatchObject({ id: null, error: { code: -32700 } });
      expect(text).not.toContain('hunter2');
    },
  );

  it('is a parse error when it is not UTF-8', async () => {
    expect((await post(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).json.error.code).toBe(-32700);
  });

  it('is refused with 413 and the limit when it has 2 MiB, told or in chunks', async () => {
    const body = JSON.stringify('x'.repeat(2 * 1024 * 1024));
    for (const sent of [{ body }, { chunks: [body.slice(0, 1000), body.slice(1000)] }]) {
      const { status, json } = await edge.send('POST', '/mcp/tools/call', sent);
      expect(status).toBe(413);
      expect(json.error).toMatchObject({ code: TOO_LARGE, data: { limit: 1_048_576, of: 'bytes' } });
    }
  });

  it.each([
    ['arrays', '['.repeat(10_000) + ']'.repeat(10_000), { limit: 32, of: 'depth' }],
    ['objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), { limit: 32, of: 'depth' }],
  ])('is refused with 413 when it nests 10,000 %s', async (_, body, data) => {
    const { status, json } = await post(body);
    expect(status).toBe(413);
    expect(json.error).toMatchObject({ code: TOO_LARGE, data });
  });

  it('is refused with 413 when it has too many elements, wherever they are', async () => {
    for (const body of [JSON.stringify(Array(500_000).fill(1)), JSON.stringify(Array(400).fill(Array(30).fill(1)))]) {
      expect((await post(body)).json.error).toMatchObject({ code: TOO_LARGE, data: { limit: 10_000, of: 'elements' } });
    }
  });

  it('may be as deep and as long as the limits say', async () => {
    expect((await post('['.repeat(32) + ']'.repeat(32))).status).toBe(201);
    expect((await post(JSON.stringify(Array(10_000).fill(1)))).status).toBe(201);
  });

  it.each(['{"__proto__":{"x":1}}', '{"a":[{"constructor":1}]}', '{"prototype":1}', '{"\\u005f_proto__":{"x":1}}'])(
    'is refused with 400 for a key that reaches a prototype: %s',
    async (body) => {
      const { status, json } = await post(body);
      expect(status).toBe(400);
      expect(json.error.code).toBe(-32600);
      expect(({} as { x?: number }).x).toBeUndefined();
    },
  );

  it('that ends too early leaves the others alone', async () => {
    const request = 'POST /mcp/tools/call HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    await edge.sendAndHangUp(request);
    expect((await post('{}')).status).toBe(201);
  });

  it.each([
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3'],
    ['a length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked'],
    ['a control character in a header', 'X-Request-ID: a\u0001b'],
    ['a bare line feed', 'X-Request-ID: a\nX-Other: b'],
  ])('of a request with %s never gets to a route', async (_, header) => {
    expect(
      await edge.sendRaw(`POST /mcp/tools/call HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${header}\r\n\r\n{}`),
    ).toBe(400);
  });
});
