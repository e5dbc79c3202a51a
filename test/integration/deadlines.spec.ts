import { request } from 'node:http';
import { aBridge, type Reply, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { Ledger, overlaps, type Run } from '../support/ledger.js';

const policy = { tools: { write: { kind: 'write', targets: ['/entity'], hold_seconds: 20 }, read: { kind: 'read' } } };
const ONE_CHILD = { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0 };

describe('Deadlines, leaving and repeating', () => {
  let ledger: Ledger;
  let bridge: RunningBridge;

  beforeEach(() => (ledger = new Ledger()));
  afterEach(async () => {
    await bridge.close();
    ledger.remove();
  });

  const begin = async (more: object = {}, settings: object = {}) => {
    bridge = await aBridge({ ...settings, upstreams: { ledger: upstream('ledger', [ledger.path], { ...ONE_CHILD, policy, ...more }) } });
    await bridge.post('/mcp/tools/list', {});
  };
  const write = (op: string, more: object = {}, headers = {}) => bridge.call('write', { entity: 'one', op, ...more }, headers);
  const read = (op: string, more: object = {}, headers = {}) => bridge.call('read', { entity: 'one', op, ...more }, headers);
  const within = (seconds: number) => ({ 'X-Timeout': String(seconds) });
  const named = (id: string) => ({ 'X-Request-ID': id });
  const run = (op: string, kind: Run['kind'] = 'write') => ledger.runs(kind).find((one) => one.op === op);
  const started = (op: string, kind: Run['kind'] = 'write') => eventually(() => run(op, kind) !== undefined);
  const ended = (op: string, kind: Run['kind'] = 'write') => eventually(() => run(op, kind)?.endNs !== undefined);
  const queue = async () => (await bridge.get('/mcp/status')).body.queue;
  const waiting = (count: number) => eventually(queue, ({ pending }) => pending === count);
  const told = ({ status, body }: Reply) => [status, body.error?.code, body.error?.data.phase, body.error?.data.outcome];
  const order = (kind: Run['kind'] = 'write') => ledger.runs(kind).map(({ op }) => op);

  /** As `bridge.call`, but the caller can hang up. */
  function leaver(name: string, args: object, headers = {}): () => void {
    const call = request(`${bridge.url}/mcp/tools/call`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers } });
    call.on('error', () => undefined);
    call.end(JSON.stringify({ name, arguments: args }));
    return () => call.destroy();
  }

  it('F2: keeps an overdue write locked while a neighbour keeps its child alive', async () => {
    await begin({ policy: { tools: { write: { kind: 'write', targets: ['/entity'], hold_seconds: 0 }, read: { kind: 'read' } } } });
    const late = write('late', { work_ms: 1200 }, within(0.2));
    const neighbour = bridge.call('write', { entity: 'two', op: 'neighbour', work_ms: 1500 }, within(10));
    expect(told(await late)).toEqual([504, -32002, 'running', 'unknown']);
    expect((await write('next', {}, within(10))).status).toBe(200);
    expect((await neighbour).status).toBe(200);
    expect(overlaps(ledger.runs())).toEqual([]);
  });

  describe('X-Timeout', () => {
    it('that ends while a call waits says so, and the call never runs', async () => {
      await begin();
      const first = write('first', { work_ms: 600 });
      await started('first');
      const from = performance.now();
      const reply = await write('late', {}, within(0.2));
      expect(performance.now() - from).toBeLessThan(500);
      expect(told(reply)).toEqual([504, -32002, 'queued', 'not_started']);
      await first;
      await write('next');
      expect(order()).toEqual(['first', 'next']);
    });

    it('that ends while a read runs says so', async () => {
      await begin();
      expect(told(await read('r', { work_ms: 500 }, within(0.2)))).toEqual([504, -32002, 'running', undefined]);
    });

    it('that ends while a write runs leaves it unknown; the next write of the entity starts when the child has answered', async () => {
      await begin({ max_in_flight: 4 });
      const slow = await write('slow', { work_ms: 800 }, within(0.2));
      expect(told(slow)).toEqual([504, -32002, 'running', 'unknown']);
      expect(run('slow')!.endNs).toBeUndefined();
      expect((await write('next')).status).toBe(200);
      expect(order()).toEqual(['slow', 'next']);
      expect(overlaps(ledger.runs())).toEqual([]);
      expect(run('slow')!.endNs).toBeDefined();
    });

    it('tells the truth to a repeat under the same request id as soon as it is known', async () => {
      await begin();
      const args = { work_ms: 600 };
      expect(told(await write('slow', args, { ...within(0.2), ...named('slow-1') }))).toEqual([504, -32002, 'running', 'unknown']);
      await ended('slow');
      const { status, body } = await eventually(
        () => write('slow', args, named('slow-1')),
        ({ status: seen }) => seen === 200,
      );
      expect([status, body.structuredContent.op, body.bridge_info.replayed]).toEqual([200, 'slow', true]);
      expect(order()).toEqual(['slow']);
    });

    it('that is far below the usual time shuts the upstream for nobody, be it over as often as it likes', async () => {
      await begin({ max_in_flight: 4 }, { circuit_breaker: { failure_threshold: 2 } });
      for (const op of ['a', 'b', 'c']) expect((await read(op, { work_ms: 300 }, within(0.1))).status).toBe(504);
      expect((await read('patient')).status).toBe(200);
    });

    it('of the usual length opens the circuit when it is over in vain', async () => {
      const impatient = { tools: { read: { kind: 'read', timeout_seconds: 0.3 } } };
      await begin({ max_in_flight: 4, policy: impatient }, { circuit_breaker: { failure_threshold: 2 } });
      for (const op of ['a', 'b']) expect((await read(op, { work_ms: 900 })).status).toBe(504);
      const { status, body } = await read('refused');
      expect([status, body.error.data.reason]).toEqual([503, 'timeout']);
    });

    it('of a repeat that comes while the write still runs waits for it, within its own time', async () => {
      await begin();
      const args = { work_ms: 900 };
      expect((await write('slow', args, { ...within(0.2), ...named('slow-1') })).status).toBe(504);
      const [impatient, patient] = await Promise.all([
        write('slow', args, { ...within(0.1), ...named('slow-1') }),
        write('slow', args, { ...within(5), ...named('slow-1') }),
      ]);
      expect(told(impatient).slice(0, 2)).toEqual([504, -32002]);
      expect(impatient.body.error.data.outcome).toBe('unknown');
      expect([patient.status, patient.body.structuredContent?.op]).toEqual([200, 'slow']);
      expect(order()).toEqual(['slow']);
    });
  });

  describe('F18: a client that leaves', () => {
    it('takes a waiting call with it', async () => {
      await begin();
      const first = write('first', { work_ms: 500 });
      await started('first');
      const leave = leaver('write', { entity: 'one', op: 'left' });
      await waiting(1);
      leave();
      await waiting(0);
      await first;
      await write('next');
      expect(order()).toEqual(['first', 'next']);
    });

    it('during a read gives its slot free', async () => {
      await begin({ max_in_flight: 1 });
      const leave = leaver('read', { entity: 'one', op: 'left', work_ms: 3000 });
      await started('left', 'read');
      leave();
      await eventually(queue, ({ processing }) => processing === 0, 2500);
      expect((await read('next')).status).toBe(200);
    });

    it('during a write lets it finish, in its lock, and its truth can be asked for', async () => {
      await begin();
      const leave = leaver('write', { entity: 'one', op: 'left', work_ms: 500 }, named('left-1'));
      await started('left');
      leave();
      expect((await write('next')).status).toBe(200);
      expect(overlaps(ledger.runs())).toEqual([]);
      const { status, body } = await write('left', { work_ms: 500 }, named('left-1'));
      expect([status, body.structuredContent.op, body.bridge_info.replayed]).toEqual([200, 'left', true]);
      expect(order()).toEqual(['left', 'next']);
    });

    it('does not take a shared read from those who stay', async () => {
      const cached = { tools: { ...policy.tools, read: { kind: 'read', cache: { ttl_seconds: 5, vary_by: ['/entity', '/op'] } } } };
      await begin({ policy: cached });
      const leave = leaver('read', { entity: 'one', op: 'r', work_ms: 500 });
      await started('r', 'read');
      const staying = read('r', { work_ms: 500 });
      await eventually(
        async () => (await queue()).processing,
        (processing) => processing === 1,
      );
      leave();
      expect((await staying).status).toBe(200);
    });
  });

  describe('X-Request-ID', () => {
    it('replays the answer of a write, in whichever form it is asked, and runs nothing again', async () => {
      await begin();
      const first = await write('w', {}, named('w-1'));
      const again = await write('w', {}, named('w-1'));
      const envelope = await bridge.post(
        '/mcp/tools/call',
        { jsonrpc: '2.0', id: 'e', method: 'tools/call', params: { arguments: { op: 'w', entity: 'one' }, name: 'write' } },
        named('w-1'),
      );
      const inBody = await bridge.post('/mcp/tools/call', { name: 'write', arguments: { entity: 'one', op: 'w' }, request_id: 'w-1' });
      expect(first.body.bridge_info).not.toHaveProperty('replayed');
      expect([again.body.bridge_info.replayed, inBody.body.bridge_info.replayed]).toEqual([true, true]);
      expect(again.body.content).toEqual(first.body.content);
      expect(envelope.body).toMatchObject({ jsonrpc: '2.0', id: 'e', bridge_info: { replayed: true } });
      expect(envelope.body.result.content).toEqual(first.body.content);
      expect(again.headers.get('x-request-id')).toBe('w-1');
      expect(order()).toEqual(['w']);
    });

    it('does not let a hurried caller cut off a patient one who asked for the same', async () => {
      await begin();
      const hurried = write('w', { work_ms: 900 }, { ...named('shared'), ...within(0.3) });
      await started('w');
      const patient = write('w', { work_ms: 900 }, { ...named('shared'), ...within(10) });
      expect(told(await hurried)).toEqual([504, -32002, 'running', 'unknown']);
      const { status, body } = await patient;
      expect([status, body.bridge_info.replayed]).toEqual([200, true]);
      expect(order()).toEqual(['w']);
    });

    it('joins those who ask while it runs', async () => {
      await begin();
      const replies = await Promise.all([...Array(5).keys()].map(() => write('w', { work_ms: 200 }, named('w-1'))));
      expect(replies.map(({ status, body }) => [status, body.structuredContent.op])).toEqual(Array(5).fill([200, 'w']));
      expect(order()).toEqual(['w']);
    });

    it('names one call, whatever `_meta` says of each sending', async () => {
      await begin();
      const calling = (trace: string) =>
        bridge.post(
          '/mcp/tools/call',
          { name: 'write', arguments: { entity: 'one', op: 'w' }, _meta: { traceparent: trace } },
          named('w-1'),
        );
      const first = await calling('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
      const again = await calling('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
      expect([first.status, again.status, again.body.bridge_info.replayed]).toEqual([200, 200, true]);
      expect(order()).toEqual(['w']);
    });

    it('of another payload is refused, while the first runs and after', async () => {
      await begin();
      const first = write('w', { work_ms: 300 }, named('w-1'));
      await started('w');
      const during = await write('x', {}, named('w-1'));
      await first;
      for (const reply of [during, await read('x', {}, named('w-1'))]) {
        expect([reply.status, reply.body.error.code, reply.body.error.data.outcome]).toEqual([422, -32006, 'not_started']);
        expect(reply.body.error.data.request_id).toBe('w-1');
      }
      expect(order()).toEqual(['w']);
    });

    it('may be used again for what never started', async () => {
      await begin();
      const first = write('first', { work_ms: 500 });
      await started('first');
      expect(told(await write('w', {}, { ...named('w-1'), ...within(0.1) }))).toEqual([504, -32002, 'queued', 'not_started']);
      await first;
      const { status, body } = await write('w', {}, named('w-1'));
      expect([status, body.bridge_info.replayed]).toEqual([200, undefined]);
      expect(order()).toEqual(['first', 'w']);
    });

    it('replays a read that came from the cache, even after the truth has changed', async () => {
      await begin({
        policy: {
          tools: { ...policy.tools, read: { kind: 'read', cache: { ttl_seconds: 60, vary_by: ['/entity'], tags: ['{entity}'] } } },
        },
      });
      await write('before');
      await read('r');
      const first = await read('r', {}, named('r-1'));
      expect(first.body.bridge_info.cached).toBe(true);
      await write('after');
      const again = await read('r', {}, named('r-1'));
      expect([again.body.structuredContent.value, again.body.bridge_info.replayed]).toEqual(['before', true]);
      expect((await read('r')).body.structuredContent.value).toBe('after');
      expect((await read('other', { nonce: 'n' }, named('r-1'))).status).toBe(422);
    });
  });

  describe('The cache', () => {
    const read60 = { kind: 'read', cache: { ttl_seconds: 60, vary_by: ['/entity'], tags: ['{entity}'] } };
    const cached = { policy: { tools: { ...policy.tools, read: read60 } } };
    const value = ({ body }: Reply) => [body.structuredContent?.value, body.bridge_info.cached];

    it('answers only-if-cached from what it has, else 504 in phase cache, and asks nobody', async () => {
      await begin(cached);
      const only = { 'X-Cache-Control': 'only-if-cached' };
      expect(told(await read('r', {}, only)).slice(0, 3)).toEqual([504, -32002, 'cache']);
      expect(ledger.runs('read')).toEqual([]);
      await read('r');
      expect(value(await read('r', {}, only))).toEqual([null, true]);
      expect(ledger.runs('read')).toHaveLength(1);
    });

    it('goes past itself for no-cache and keeps the new answer; for no-store it keeps none', async () => {
      await begin(cached);
      await read('r');
      expect(value(await read('r', {}, { 'Cache-Control': 'no-cache' }))).toEqual([null, false]);
      expect(value(await read('r'))).toEqual([null, true]);
      await write('w');
      expect(value(await read('r', {}, { 'X-Cache-Control': 'no-store' }))).toEqual(['w', false]);
      expect(value(await read('r'))).toEqual(['w', false]);
      expect(value(await read('r', {}, { 'X-Cache-Control': 'max-age=0' }))).toEqual(['w', false]);
      expect(value(await read('r', {}, { 'X-Cache-Control': 'max-age=30' }))).toEqual(['w', true]);
    });

    it('shows every write to the next read, and nothing of a read that began before the write', async () => {
      await begin({ ...cached, max_in_flight: 8 });
      await write('old');
      expect(value(await read('r0'))).toEqual(['old', false]);
      expect(value(await read('r0'))).toEqual(['old', true]);
      const early = read('early', { work_ms: 400 }, { 'X-Cache-Control': 'no-cache' });
      await started('early', 'read');
      await write('new');
      expect(value(await read('r1'))).toEqual(['new', false]);
      await early;
      expect((await read('r2')).body.structuredContent.value).toBe('new');
    });

    it('shows a write of which nobody knows the outcome to the next read, too', async () => {
      await begin({ ...cached, max_in_flight: 8 });
      await write('old');
      await read('r');
      expect((await write('slow', { work_ms: 500 }, within(0.1))).status).toBe(504);
      expect(value(await read('r'))[1]).toBe(false);
      await ended('slow');
      await write('other-entity', { entity: 'two' });
      await eventually(
        async () => (await read('r')).body.structuredContent.value,
        (seen) => seen === 'slow',
      );
    });

    it('keeps no errors: whoever waited with it asks again', async () => {
      await begin(cached);
      expect((await read('r', { work_ms: 400 }, within(0.1))).status).toBe(504);
      expect((await read('r')).status).toBe(200);
    });
  });
});
