import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';

const KEYS = ['a', 'b'].map((name) => ({ name, sha256: hash('sha256', `key of ${name}`) }));
const A = { 'X-API-Key': 'key of a' };
const B = { 'X-API-Key': 'key of b' };
const CANARY = 'canary-7f3a9c51e2d84b06';

const READ = { kind: 'read', cache: { ttl_seconds: 60 } };
const told = (reply: { body: any }) => JSON.parse(reply.body.content[0].text);

describe('what reaches a child, and whom its answers reach', () => {
  let bridge: RunningBridge;
  beforeAll(async () => {
    process.env.BRIDGE_CANARY = CANARY;
    bridge = await aBridge({
      audit: { file: '/dev/null' },
      monitoring: { prometheus_enabled: true, prometheus_port: 0 },
      access: { keys: KEYS },
      session_pool: { min_connections: 1, target_connections: 1, max_connections: 1 },
      upstreams: {
        telltale: upstream('telltale', ['--own'], { env: { TELLTALE_TOKEN: `${CANARY}-own` }, policy: { tools: { read: READ } } }),
      },
    });
  });
  afterAll(async () => {
    delete process.env.BRIDGE_CANARY;
    await bridge.close();
  });

  it('T12: a child gets its own variables and a few harmless ones, none of the bridge', async () => {
    const { env } = told(await bridge.call('tell', {}, A));
    expect(env).toMatchObject({ TELLTALE_TOKEN: `${CANARY}-own`, PATH: process.env.PATH });
    expect(Object.values(env)).not.toContain(CANARY);
  });

  it.each([
    '; touch /tmp/never-touched',
    '$(touch /tmp/never-touched)',
    '`touch /tmp/never-touched`',
    '--flag',
    '../../etc/passwd',
    'a\r\n\r\ndata: b',
    '\u0000',
  ])('T13, CVE-2025-68143, CVE-2025-53109, CVE-2026-35515: %j arrives as it is and does nothing', async (text) => {
    const reply = told(await bridge.call('tell', { text, [text]: [text] }, A));
    expect(reply.arguments).toEqual({ text, [text]: [text] });
    expect(existsSync('/tmp/never-touched')).toBe(false);
  });

  it('T13, CVE-2025-49596, CVE-2026-23744, GHSA-wvr4-3wq4-gpc5: no request names what is run', async () => {
    const before = told(await bridge.call('tell', {}, A));
    const evil = { command: 'touch', args: ['/tmp/never-touched'], env: { X: '1' }, url: 'http://127.0.0.1:1/' };
    for (const path of ['/mcp/initialize', '/mcp/tools/list', '/mcp/tools/call', '/mcp/resources/list'])
      await bridge.post(path, { ...evil, name: 'tell', protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} }, A);
    const { pid, argv } = told(await bridge.call('tell', {}, A));
    expect([pid, argv]).toEqual([before.pid, ['--own']]);
    expect(existsSync('/tmp/never-touched')).toBe(false);
  });

  it('T5: the request id of another is free to use, and gives nothing of his', async () => {
    for (const id of ['same', '1', 'a:b:c', '__proto__', 'x'.repeat(128)]) {
      const [first, second, again] = [
        await bridge.call('tell', {}, { ...A, 'X-Request-ID': id }),
        await bridge.call('tell', {}, { ...B, 'X-Request-ID': id }),
        await bridge.call('tell', {}, { ...A, 'X-Request-ID': id }),
      ];
      expect(told(second).calls).toBe(Number(told(first).calls) + 1);
      expect(second.body.bridge_info.replayed).toBeUndefined();
      expect([told(again).calls, again.body.bridge_info.replayed]).toEqual([told(first).calls, true]);
    }
  });

  it('T4: a cached answer goes to the principal it was given to', async () => {
    const [first, foreign, again] = [await bridge.call('read', {}, A), await bridge.call('read', {}, B), await bridge.call('read', {}, A)];
    expect([told(again).calls, again.body.bridge_info.cached]).toEqual([told(first).calls, true]);
    expect(told(foreign).calls).not.toBe(told(first).calls);
  });

  it('T3, CVE-2026-52869, GHSA-qvqr-5cv7-wh35: the session of another looks like one that never was', async () => {
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    expect((await bridge.post('/mcp/initialize', { ...hello, session_id: 'planted' }, A)).status).toBe(200);
    const foreign = await bridge.call('tell', {}, { ...B, 'X-Session-ID': 'planted' });
    const unknown = await bridge.call('tell', {}, { ...B, 'X-Session-ID': 'nowhere' });
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    expect(foreign.body.error).toEqual(JSON.parse(JSON.stringify(unknown.body.error).replaceAll('nowhere', 'planted')));
    expect(foreign.body.error.data.outcome).toBe('not_started');
    const del = await bridge.request('/mcp/session', { method: 'DELETE', headers: { ...B, 'X-Session-ID': 'planted' } });
    expect(del.status).toBe(404);
    expect((await bridge.call('tell', {}, { ...A, 'X-Session-ID': 'planted' })).status).toBe(200);
  });

  it('T8, CVE-2026-21710, CVE-2025-59466, GHSA-f897-62hf-6gxq: hostile bodies are refused and pollute nothing', async () => {
    const nested = `{"name":"tell","arguments":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`;
    const bodies = [
      nested,
      '{"name":"tell","arguments":{"__proto__":{"x":1}}}',
      '{"constructor":{"prototype":{"x":1}}}',
      '[]',
      `"${'x'.repeat(5 << 20)}"`,
    ];
    const replies = await Promise.all(bodies.map((body) => bridge.post('/mcp/tools/call', body, A)));
    expect(replies.map(({ status }) => status)).toEqual([413, 400, 400, 400, 413]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect((await bridge.get('/health/live', { __proto__: 'x' })).status).toBe(200);
  });

  it('T23: hostile names make no metric series', async () => {
    const series = async () => {
      const { body } = await bridge.get('/metrics', A);
      return {
        text: body as string,
        count: (body as string).split('\n').filter((line) => line !== '' && !/^(#|nodejs_|process_)/.test(line)).length,
      };
    };
    const storm = async (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const name = `hostile-${i}`;
        await bridge.call(name, { entity_id: `light.${name}` }, { ...A, 'X-Client-ID': name, 'X-Request-ID': name });
        await bridge.get(`/mcp/servers/${name}/x`, A);
      }
    };
    // the first of each brings its own series: a refused call, an unknown route, a scrape
    await bridge.post('/mcp/tools/list', {}, A);
    await storm(0, 3);
    await series();
    const before = await series();
    await storm(3, 100);
    const after = await series();
    expect(after.count).toBe(before.count);
    expect(after.text).not.toMatch(/hostile-\d/);
  });
});
