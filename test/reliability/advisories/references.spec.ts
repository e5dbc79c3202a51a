import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { aBridge, upstream } from '../../support/a-bridge.js';

describe('CVE-2026-116686: references in the schemas of a server', () => {
  const asked: (string | undefined)[] = [];
  let elsewhere: Server;
  beforeAll(async () => {
    elsewhere = createServer(({ url }, response) => {
      asked.push(url);
      response.end('{}');
    });
    await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => elsewhere.close());

  it('are passed on as they are, and never followed', async () => {
    const at = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const schema = {
      $schema: `${at}/schema`,
      $id: `${at}/id`,
      type: 'object',
      properties: {
        a: { $ref: `${at}/ref#/x` },
        b: { $ref: 'file:///etc/passwd' },
        c: { $dynamicRef: `${at}/dynamic` },
        d: { $ref: '#/$defs/d' },
      },
      $defs: { d: { $ref: '#/$defs/d' } },
    };
    const bridge = await aBridge({
      audit: { file: '/dev/null' },
      upstreams: { telltale: upstream('telltale', ['--schema', JSON.stringify(schema)]) },
    });
    const { tools } = (await bridge.post('/mcp/tools/list', {})).body;
    expect(tools[0].inputSchema).toEqual(schema);
    expect((await bridge.call('tell', { a: 1, b: 2, c: 3, d: 4 })).status).toBe(200);
    await bridge.get('/docs/openapi.json');
    await bridge.close();
    expect(asked).toEqual([]);
  }, 30_000);
});
