import { aBridge, type Reply, type RunningBridge, upstream } from '../support/a-bridge.js';
import { processesMarked } from '../support/processes.js';

const policy = { tools: { echo: { kind: 'read', timeout_seconds: 10 } }, retry: { first_delay_ms: 1 } };
const asWrite = { policy: { tools: { echo: { kind: 'write', timeout_seconds: 10 } } } };
const neighbour = upstream('echo', [], { min_connections: 1, policy });

interface Expected {
  readonly status: number;
  readonly error?: object;
  readonly text?: string;
}
const says = (text: string): Expected => ({ status: 200, text });
const unavailable = (reason: string): Expected => ({ status: 503, error: { code: -32004, data: { reason } } });
const unknown = (reason: string): Expected => ({ status: 502, error: { code: -32005, data: { outcome: 'unknown', reason } } });

function check({ status, body }: Reply, expected: Expected): void {
  expect([status, body.error ?? body.content?.[0].text]).toEqual([
    expected.status,
    expected.error ? expect.objectContaining({ ...expected.error, data: expect.objectContaining(dataOf(expected.error)) }) : expected.text,
  ]);
}
const dataOf = (error: object): object => ('data' in error ? (error.data as object) : {});

describe('T14, T15: a misbehaving child', () => {
  let bridge: RunningBridge;
  afterEach(() => bridge.close());

  const begin = async (mode: string, more: object = {}, detail: readonly string[] = [], isRepeated = false): Promise<void> => {
    const bad = upstream('misbehaving', [mode, ...detail], { min_connections: 1, policy, ...more });
    bridge = await aBridge({ circuit_breaker: { enabled: !isRepeated }, upstreams: { bad, good: neighbour } });
  };
  const call = (text = 'x', headers = {}) => bridge.call('echo', { text }, headers);
  const callNeighbour = (text: string) => bridge.post('/mcp/servers/good/tools/call', { name: 'echo', arguments: { text } });

  it.each([
    ['garbage', says('x'), says('x')],
    ['banner', says('x'), says('x')],
    ['stderr-flood', says('x'), says('x')],
    ['string-id', says('text id'), says('text id')],
    ['twice', says('x'), says('x')],
    ['split-utf8', says('žluťoučký 🐎'), says('žluťoučký 🐎')],
    ['notification-flood', says('x'), says('x')],
    ['late', says('x'), says('x')],
    ['batch', says('in a batch'), says('in a batch')],
    ['changes-tools', says('x'), says('x')],
    ['slow-start', says('x'), says('x')],
    ['silent-on-ping', says('x'), says('x')],
    ['exits-on-discover', says('x'), says('x')],
    ['silent-on-discover', says('x'), says('x')],
    ['minus-32000-on-discover', says('x'), says('x')],
    ['answers-then-exits', says('last words'), says('last words')],
    ['answers-without-newline-then-exits', says('last words'), says('last words')],
    ['neither-result-nor-error', unavailable('bad_reply'), unknown('bad_reply')],
    ['both-result-and-error', unavailable('bad_reply'), unknown('bad_reply')],
    ['code-is-text', unavailable('bad_reply'), unknown('bad_reply')],
    ['result-is-text', unavailable('bad_reply'), unknown('bad_reply')],
    ['nested-too-deep', unavailable('bad_reply'), unknown('bad_reply')],
    ['huge-line', unavailable('reply_too_large'), unknown('reply_too_large')],
    ['huge-line-id-last', unavailable('reply_too_large'), unknown('reply_too_large')],
    ['huge-line-no-id', unavailable('reply_too_large'), unknown('reply_too_large')],
  ])(
    '%s: a read and a write end in the words of the contract, long before their deadline, and the neighbour never notices',
    async (mode, read, write) => {
      await begin(mode);
      await bridge.post('/mcp/tools/list', {});
      const from = performance.now();
      const [reply, near] = await Promise.all([call(), callNeighbour('near')]);
      check(reply, read);
      check(near, says('near'));
      await bridge.close();

      await begin(mode, asWrite);
      await bridge.post('/mcp/tools/list', {});
      check(await call(), write);
      expect(performance.now() - from).toBeLessThan(9000);
    },
    30_000,
  );

  it.each(['wrong-id', 'null-id', 'silence'])(
    '%s: nothing can be attributed, so a call ends at its deadline, with the truth about what became of it',
    async (mode) => {
      await begin(mode, asWrite);
      await bridge.post('/mcp/tools/list', {});
      const [write, near] = await Promise.all([call('x', { 'X-Timeout': '0.5' }), callNeighbour('near')]);
      expect([write.status, write.body.error]).toEqual([
        504,
        expect.objectContaining({ code: -32002, data: expect.objectContaining({ phase: 'running', outcome: 'unknown' }) }),
      ]);
      check(near, says('near'));
      await bridge.close();

      await begin(mode);
      await bridge.post('/mcp/tools/list', {});
      const { status, body } = await call('x', { 'X-Timeout': '0.5' });
      expect([status, body.error]).toEqual([
        504,
        expect.objectContaining({ code: -32002, data: expect.objectContaining({ phase: 'running' }) }),
      ]);
    },
    30_000,
  );

  it('never-reads: a server that lists nothing never starts, and nobody waits for it', async () => {
    await begin('never-reads', { start_timeout_seconds: 0.5 });
    const [reply, near] = await Promise.all([call('x', { 'X-Timeout': '8' }), callNeighbour('near')]);
    expect([503, 504]).toContain(reply.status);
    check(near, says('near'));
    expect((await bridge.get('/health')).body.status).not.toBe('ok');
  }, 30_000);

  it('closes-stdout: the child is taken for dead at once', async () => {
    await begin('closes-stdout', asWrite);
    await bridge.post('/mcp/tools/list', {});
    const from = performance.now();
    const reply = await call();
    expect([reply.status, reply.body.error.data.outcome]).toEqual([502, 'unknown']);
    expect(performance.now() - from).toBeLessThan(2000);
  }, 30_000);

  it.each([
    'neither-result-nor-error',
    'code-is-text',
    'huge-line',
    'huge-line-id-last',
    'string-id',
    'twice',
    'garbage',
    'notification-flood',
  ])(
    '%s: sixteen at once on one child, and each ends as it would alone',
    async (mode) => {
      await begin(
        mode,
        { target_connections: 1, max_connections: 1, warm_spares: 0, max_in_flight: 16 },
        mode === 'notification-flood' ? ['500'] : [],
      );
      await bridge.post('/mcp/tools/list', {});
      const from = performance.now();
      const replies = await Promise.all([...Array(16).keys()].map((n) => call(`text ${n}`)));
      const ends = replies.map(({ status, body }) => body.content?.[0].text ?? `${status} ${body.error.data.reason}`);
      const answer: Record<string, (n: number) => string> = {
        'string-id': () => 'text id',
        twice: (n) => `text ${n}`,
        garbage: (n) => `text ${n}`,
        'notification-flood': (n) => `text ${n}`,
      };
      const failure = mode.startsWith('huge') ? '503 reply_too_large' : '503 bad_reply';
      expect(ends).toEqual([...Array(16).keys()].map((n) => answer[mode]?.(n) ?? failure));
      expect(performance.now() - from).toBeLessThan(8000);
    },
    30_000,
  );

  it.each(['ignores-term', 'ignores-eof', 'grandchild', 'closes-stdout'])(
    '%s: is gone when the bridge is',
    async (mode) => {
      const marker = `BRIDGE_TEST_MARK=${mode}-${process.pid}-${Date.now()}`;
      const [name, value] = marker.split('=');
      await begin(mode, { env: { [name!]: value } });
      await call('x', { 'X-Timeout': '1' });
      expect(processesMarked(marker).length).toBeGreaterThan(0);
      await bridge.close();
      expect(processesMarked(marker)).toEqual([]);
    },
    30_000,
  );

  it.each(['crash-at-start', 'unknown-version', 'unknown-versions'])(
    '%s: is told by name, and nobody waits for it',
    async (mode) => {
      await begin(mode);
      const from = performance.now();
      const [reply, near] = await Promise.all([call(), callNeighbour('near')]);
      expect([reply.status, reply.body.error.code, reply.body.error.data.reason]).toEqual([503, -32004, 'start_failed']);
      check(near, says('near'));
      expect(performance.now() - from).toBeLessThan(9900);
      const health = await bridge.get('/health');
      expect(JSON.stringify(health.body)).toContain('bad');
    },
    30_000,
  );

  it('half a line, then its end: a read is tried again and told in the end, a write is unknown', async () => {
    await begin('half-a-line');
    const reply = await call();
    // its own second crash convicts it: the arguments of a call that always ends its child are quarantined
    expect([reply.status, reply.body.error.data.reason]).toEqual([400, 'quarantined']);
    check(await callNeighbour('near'), says('near'));
    await bridge.close();
    await begin('half-a-line', asWrite);
    await bridge.post('/mcp/tools/list', {});
    expect((await call()).body.error).toMatchObject({ code: -32005, data: { outcome: 'unknown' } });
  }, 30_000);

  it('parallel calls on the same child end well while one of them kills it', async () => {
    await begin('crash-on-argument', { min_connections: 2, max_in_flight: 8 });
    const calls = [...Array(40).keys()].map((n) => call(n === 20 ? 'poison' : `text ${n}`));
    const replies = await Promise.all(calls);
    const others = replies.filter((_, n) => n !== 20);
    expect(others.map(({ status }) => status)).toEqual(Array(39).fill(200));
    others.forEach(({ body }, n) => expect(body.content[0].text).toBe(`text ${n < 20 ? n : n + 1}`));
    expect(replies[20]!.body.error).toMatchObject({ code: -32602, data: { reason: 'quarantined', outcome: 'not_started' } });
  }, 30_000);

  it.each([
    ['huge-line', 30],
    ['stderr-flood', 100],
    ['notification-flood', 60],
    ['nested-too-deep', 100],
    ['half-a-line', 15],
  ])(
    '%s: memory stays flat over %i calls',
    async (mode, times) => {
      await begin(mode, {}, mode === 'stderr-flood' ? ['1'] : [], true);
      await bridge.post('/mcp/tools/list', {});
      const repeat = async (count: number) => {
        for (let n = 0; n < count; n += 1) await call(`text ${n}`);
      };
      await repeat(5);
      const before = process.memoryUsage().rss;
      await repeat(times);
      expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(150);
      check(await callNeighbour('near'), says('near'));
    },
    60_000,
  );
});
