import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { isAlive } from '../support/processes.js';

const INITIALIZE = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const policy = { tools: { recall: { kind: 'read' }, remember: { kind: 'write' }, crash: { kind: 'write' } } };

describe('An upstream with a child for each client', () => {
  let bridge: RunningBridge;
  afterEach(() => bridge.close());

  const begin = async (settings: object = {}, more: object = {}) => {
    bridge = await aBridge({ ...settings, upstreams: { notes: upstream('stateful', [], { isolation: 'per_client', policy, ...more }) } });
  };
  const open = async (): Promise<string> => {
    const { status, body } = await bridge.post('/mcp/initialize', INITIALIZE);
    expect(status).toBe(200);
    return body.result.session_id;
  };
  const call = (session: string, name: string, args: object = {}, headers = {}) =>
    bridge.call(name, args, { 'X-Session-ID': session, ...headers });
  const end = (session: string) => bridge.request('/mcp/session', { method: 'DELETE', headers: { 'X-Session-ID': session } });
  const recall = async (session: string) => (await call(session, 'recall')).body.structuredContent;

  it('keeps the state of two sessions apart, and each session its own', async () => {
    await begin();
    const [one, two] = [await open(), await open()];
    await Promise.all([call(one, 'remember', { text: 'of one' }), call(two, 'remember', { text: 'of two' })]);
    await Promise.all([call(one, 'remember', { text: 'more of one' })]);

    const [ofOne, ofTwo] = [await recall(one), await recall(two)];
    expect(ofOne.notes).toEqual(['of one', 'more of one']);
    expect(ofTwo.notes).toEqual(['of two']);
    expect(ofOne.pid).not.toBe(ofTwo.pid);
  });

  it('never gives the cached answer of one session to another', async () => {
    const cached = { tools: { ...policy.tools, recall: { kind: 'read', cache: { ttl_seconds: 60 } } } };
    await begin({}, { policy: cached });
    const [one, two] = [await open(), await open()];
    await call(one, 'remember', { text: 'of one' });
    expect((await recall(one)).notes).toEqual(['of one']);
    expect((await recall(two)).notes).toEqual([]);
  });

  it('never joins the equal reads of two sessions', async () => {
    await begin();
    const [one, two] = [await open(), await open()];
    const [ofOne, ofTwo] = await Promise.all([recall(one), recall(two)]);
    expect(ofOne.pid).not.toBe(ofTwo.pid);
  });

  it('serves calls without a session from a child of the caller, which no session shares', async () => {
    await begin();
    const session = await open();
    await call(session, 'remember', { text: 'secret' });
    await bridge.call('remember', { text: 'open' });
    expect((await bridge.call('recall')).body.structuredContent.notes).toEqual(['open']);
  });

  it('ends a session whose child died: 404 for the next request, never silently without its state; initialize works again', async () => {
    await begin();
    const [one, two] = [await open(), await open()];
    await call(two, 'remember', { text: 'of two' });
    const dying = await call(one, 'crash');
    expect([dying.status, dying.body.error.data.outcome]).toEqual([502, 'unknown']);

    const after = await call(one, 'recall');
    expect([after.status, after.body.error.code]).toEqual([404, -32001]);
    expect((await recall(two)).notes).toEqual(['of two']);
    expect((await recall(await open())).notes).toEqual([]);
  });

  it('ends a session whose child was killed while nobody called', async () => {
    await begin();
    const one = await open();
    const { pid } = await recall(one);
    process.kill(pid, 'SIGKILL');
    await eventually(
      () => isAlive(pid),
      (alive) => !alive,
    );
    const after = await call(one, 'recall');
    expect([after.status, after.body.error.code]).toEqual([404, -32001]);
  });

  it('does not run a read of a dead child again on a child that knows nothing', async () => {
    await begin();
    const one = await open();
    const { pid } = await recall(one);
    const slow = call(one, 'recall', { ms: 400 });
    await eventually(
      async () => (await bridge.get('/mcp/status')).body.queue.processing,
      (processing) => processing === 1,
    );
    process.kill(pid, 'SIGKILL');
    const { status, body } = await slow;
    expect([status, body.error.code, body.error.data.session_id]).toEqual([404, -32001, one]);
    expect((await call(one, 'recall')).status).toBe(404);
  });

  it('does not run what waited for a child that died on another, and leaves the place free', async () => {
    await begin({}, { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0, max_in_flight: 1 });
    const one = await open();
    const { pid } = await recall(one);
    const running = call(one, 'remember', { text: 'a', ms: 5000 });
    await eventually(
      async () => (await bridge.get('/mcp/status')).body.queue.processing,
      (processing) => processing === 1,
    );
    const waiting = [call(one, 'recall', { ms: 1 }), call(one, 'remember', { text: 'b' })];
    await eventually(
      async () => (await bridge.get('/mcp/status')).body.queue.pending,
      (pending) => pending === 2,
    );
    process.kill(pid, 'SIGKILL');
    expect((await running).body.error.data.outcome).toBe('unknown');
    expect((await Promise.all(waiting)).map(({ body }) => [body.error?.code, body.error?.data.outcome])).toEqual(
      Array(2).fill([-32001, 'not_started']),
    );
    expect((await recall(await open())).notes).toEqual([]);
  });

  it('ends the child with DELETE', async () => {
    await begin();
    const session = await open();
    const { pid } = await recall(session);
    expect((await end(session)).status).toBe(204);
    await eventually(
      () => isAlive(pid),
      (alive) => !alive,
    );
    expect((await call(session, 'recall')).status).toBe(404);
  });

  it('ends with DELETE what runs and what waits, and tells each the truth', async () => {
    await begin({}, { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0, max_in_flight: 1 });
    const session = await open();
    const running = call(session, 'remember', { text: 'a', ms: 8000 });
    await eventually(
      async () => (await bridge.get('/mcp/status')).body.queue.processing,
      (processing) => processing === 1,
    );
    const waiting = call(session, 'remember', { text: 'b' });
    await eventually(
      async () => (await bridge.get('/mcp/status')).body.queue.pending,
      (pending) => pending === 1,
    );
    expect((await end(session)).status).toBe(204);
    expect((await running).body.error).toMatchObject({ code: -32005, data: { outcome: 'unknown' } });
    expect((await waiting).body.error).toMatchObject({ code: -32001, data: { outcome: 'not_started', session_id: session } });
    expect((await recall(await open())).notes).toEqual([]);
  }, 15_000);

  it('ends the child with the expiry of its session', async () => {
    await begin({ client_sessions: { idle_seconds: 1 } });
    const session = await open();
    const { pid } = await recall(session);
    await eventually(
      () => isAlive(pid),
      (alive) => !alive,
      8000,
    );
    const { status, body } = await call(session, 'recall');
    expect([status, body.error.code]).toEqual([404, -32001]);
  }, 15_000);

  it('ends no child whose session is in use for longer than its idle time', async () => {
    await begin({ client_sessions: { idle_seconds: 1.5 } });
    const session = await open();
    await call(session, 'remember', { text: 'kept' });
    const until = performance.now() + 3500;
    await eventually(
      async () => (await call(session, 'recall')).body.structuredContent?.notes,
      (notes) => notes === undefined || performance.now() > until,
    );
    expect((await recall(session)).notes).toEqual(['kept']);
  }, 15_000);

  it('refuses a client beyond its children with 503, and takes him when one has left', async () => {
    await begin({}, { min_connections: 1, target_connections: 1, max_connections: 2, warm_spares: 0 });
    const one = await open();
    const opened = [await bridge.post('/mcp/initialize', INITIALIZE), await bridge.post('/mcp/initialize', INITIALIZE)];
    const refused = opened.find(({ status }) => status !== 200);
    expect([refused?.status, refused?.body.error.code]).toEqual([503, -32000]);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);

    await end(one);
    await eventually(
      async () => (await bridge.post('/mcp/initialize', INITIALIZE)).status,
      (status) => status === 200,
    );
  });

  it('renews a session by its own id without losing its state', async () => {
    await begin();
    const session = await open();
    await call(session, 'remember', { text: 'kept' });
    const renewed = await bridge.post('/mcp/initialize', { ...INITIALIZE, session_id: session });
    expect([renewed.status, renewed.body.result.session_id]).toEqual([200, session]);
    expect((await recall(session)).notes).toEqual(['kept']);
  });

  it('replays nothing of one session to another under one request id', async () => {
    await begin();
    const [one, two] = [await open(), await open()];
    const headers = { 'X-Request-ID': 'same' };
    await call(one, 'remember', { text: 'x' }, headers);
    const second = await call(two, 'remember', { text: 'x' }, headers);
    expect([200, 422]).toContain(second.status);
    expect((await recall(two)).notes).toEqual(second.status === 200 && !second.body.bridge_info.replayed ? ['x'] : []);
  });
});
