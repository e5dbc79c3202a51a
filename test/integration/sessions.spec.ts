import { hash } from 'node:crypto';
import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { isAlive } from '../support/processes.js';

const INITIALIZE = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const ALICE = { Authorization: 'Bearer alice-key-of-at-least-thirty-two-bytes' };
const BOB = { 'X-API-Key': 'bob-key-that-is-also-thirty-two-bytes-long' };
describe('Client sessions', () => {
  let bridge: RunningBridge;

  beforeAll(async () => {
    const alice = { name: 'alice', sha256: hash('sha256', ALICE.Authorization.slice('Bearer '.length)) };
    const bob = { name: 'bob', sha256: hash('sha256', BOB['X-API-Key']), tools: ['echo'], max_priority: 'CRITICAL' };
    bridge = await aBridge({
      access: { keys: [alice, bob] },
      client_sessions: { idle_seconds: 1.5, max_per_key: 3 },
      upstreams: {
        echo: upstream('echo', [], { policy: { tools: { echo: { kind: 'read' } } } }),
        other: upstream('echo'),
        own: upstream('stateful', [], { isolation: 'per_client' }),
      },
    });
  });
  afterAll(() => bridge.close());

  const open = async (who: Record<string, string>, body: object = {}, path = '/mcp/initialize') =>
    (await bridge.post(path, { ...INITIALIZE, ...body }, who)).body.result;
  const echo = (who: Record<string, string>, session: string, path = '/mcp/tools/call') =>
    bridge.post(path, { name: 'echo', arguments: { text: 'x' } }, { ...who, 'X-Session-ID': session });

  it('serve the caller who opened them and tell what they are', async () => {
    const { session_id: id, expires_at: expiresAt, protocolVersion } = await open(ALICE);
    expect(protocolVersion).toBe('2024-11-05');
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    const { status, body } = await echo(ALICE, id);
    expect([status, body.bridge_info.session_id]).toEqual([200, id]);
    await bridge.request('/mcp/session', { method: 'DELETE', headers: { ...ALICE, 'X-Session-ID': id } });
  });

  it('are unknown to another principal, and to another server', async () => {
    const { session_id: id } = await open(ALICE, { session_id: 'chosen-by-alice' });
    expect((await echo(ALICE, id)).status).toBe(200);
    const foreign = await echo(BOB, id);
    expect(foreign.status).toBe(404);
    expect(foreign.body.error.data).not.toHaveProperty('expired_at');
    expect((await echo(ALICE, id, '/mcp/servers/other/tools/call')).status).toBe(404);
    await bridge.request('/mcp/session', { method: 'DELETE', headers: { ...ALICE, 'X-Session-ID': id } });
  });

  it('under one id belong to each principal apart', async () => {
    await open(ALICE, { session_id: 'same' });
    await open(BOB, { session_id: 'same' });
    expect((await bridge.request('/mcp/session', { method: 'DELETE', headers: { ...ALICE, 'X-Session-ID': 'same' } })).status).toBe(204);
    expect((await echo(ALICE, 'same')).status).toBe(404);
    expect((await echo(BOB, 'same')).status).toBe(200);
  });

  it('take the child of their own along when their id is opened again for another server', async () => {
    await open(ALICE, { session_id: 'moving' }, '/mcp/servers/own/initialize');
    const recalled = await bridge.post('/mcp/servers/own/tools/call', { name: 'recall' }, { ...ALICE, 'X-Session-ID': 'moving' });
    const { pid } = recalled.body.structuredContent as { pid: number };
    expect(isAlive(pid)).toBe(true);
    await open(ALICE, { session_id: 'moving' });
    await eventually(() => !isAlive(pid));
    await bridge.request('/mcp/session', { method: 'DELETE', headers: { ...ALICE, 'X-Session-ID': 'moving' } });
  });

  it('end by DELETE once, and are unknown from then on', async () => {
    const { session_id: id } = await open(ALICE);
    const end = () => bridge.request('/mcp/session', { method: 'DELETE', headers: { ...ALICE, 'X-Session-ID': id } });
    expect((await end()).status).toBe(204);
    const again = await end();
    expect([again.status, again.body.error.code]).toEqual([404, -32001]);
  });

  it('run out when nobody uses them, and their owner is told when', async () => {
    const { session_id: id, expires_at: expiresAt } = await open(ALICE);
    const end = () => bridge.request('/mcp/session', { method: 'DELETE', headers: { ...ALICE, 'X-Session-ID': id } });
    await eventually(
      () => Date.now(),
      (now) => now > Date.parse(expiresAt),
    );
    const { status, body } = await end();
    expect(status).toBe(404);
    expect(Date.parse(body.error.data.expired_at)).toBeLessThan(Date.now());
  }, 10_000);

  it('are refused beyond the number a key may have', async () => {
    const opened = [await open(BOB, { session_id: 'b1' }), await open(BOB, { session_id: 'b2' }), await open(BOB, { session_id: 'b3' })];
    const replies = await Promise.all([
      bridge.post('/mcp/initialize', INITIALIZE, BOB),
      bridge.post('/mcp/initialize', { ...INITIALIZE, session_id: 'b3' }, BOB),
    ]);
    expect(opened.map((session) => session?.session_id)).toContain('b3');
    expect(replies.map(({ status }) => status)).toEqual([503, 200]);
    expect(replies[0].body.error.data).toMatchObject({ limit: 'client_sessions.max_per_key', queue_size: 0, estimated_wait_ms: 0 });
    expect(Number(replies[0].headers.get('Retry-After'))).toBeGreaterThan(0);
  });

  it('refuse a protocol version nobody knows, naming those that are', async () => {
    const { status, body } = await bridge.post('/mcp/initialize', { ...INITIALIZE, protocolVersion: '2031-01-01' }, ALICE);
    expect([status, body.error.code]).toEqual([400, -32602]);
    expect(body.error.data.supported_versions).toContain('2024-11-05');
  });

  it('leave the rights of a key as they are: tools outside are 403, and lists are cut to what it may use', async () => {
    const { status, body } = await bridge.post('/mcp/tools/call', { name: 'big', arguments: { bytes: 1 } }, BOB);
    expect([status, body.error.code]).toEqual([403, -32011]);
    expect((await bridge.post('/mcp/tools/list', {}, BOB)).body.tools.map(({ name }: { name: string }) => name)).toEqual(['echo']);
  });

  it('grant CRITICAL to a key that has it and HIGH to others', async () => {
    const priority = async (who: Record<string, string>) =>
      (await bridge.call('echo', { text: 'x' }, { ...who, 'X-Priority': 'CRITICAL' })).body.bridge_info.priority;
    expect(await priority(BOB)).toBe('CRITICAL');
    expect(await priority(ALICE)).toBe('HIGH');
  });
});
