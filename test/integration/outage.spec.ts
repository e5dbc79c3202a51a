import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aBridge, type Reply, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';

const policy = {
  retry: { max_attempts: 4, first_delay_ms: 1 },
  tools: {
    read: {
      kind: 'read',
      timeout_seconds: 10,
      cache: { ttl_seconds: 0.05, vary_by: ['/op'], tags: ['t'] },
      fallback: 'return_cached_or_fail',
    },
    other: { kind: 'read', timeout_seconds: 10, fallback: 'return_cached_or_empty', literal: { text: 'nothing known', notice: 'away' } },
    write: { kind: 'write', timeout_seconds: 10, targets: ['/entity'] },
  },
};
const ONE_CHILD = { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0 };

describe('An upstream that goes away', () => {
  let bridge: RunningBridge;
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'outage-'))));
  afterEach(async () => {
    await bridge.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const set = (mode: string) => writeFileSync(join(folder, 'mode'), mode);
  /** What reached the server, as `mode tool op`. */
  const reached = (): string[] => {
    try {
      return readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');
    } catch {
      return [];
    }
  };
  const begin = async (mode: string, settings: object = {}, more: object = {}) => {
    set(mode);
    const house = upstream('outage', [join(folder, 'mode'), join(folder, 'log')], { min_connections: 1, policy, ...more });
    bridge = await aBridge({ ...settings, upstreams: { house, near: upstream('echo', [], { min_connections: 1 }) } });
  };
  const read = (op: string, headers = {}) => bridge.call('read', { op }, headers);
  const other = (op: string) => bridge.call('other', { op });
  const write = (op: string, more: object = {}) => bridge.call('write', { op, ...more }, { 'X-Timeout': '8' });
  const told = ({ status, body }: Reply) => [status, body.error?.code, body.error?.data.outcome];
  /** Opens the breaker: five failures in a row. */
  const openBreaker = async () => {
    set('unavailable');
    await read('opens-1');
    await read('opens-2');
  };

  it('repeats reads and tells how often; they succeed when it comes back', async () => {
    await begin('unavailable');
    const reading = read('r');
    await eventually(reached, (lines) => lines.length >= 2);
    set('ok');
    const { status, body } = await reading;
    expect([status, body.content[0].text]).toEqual([200, 'read r']);
    expect(body.bridge_info.attempts).toBeGreaterThan(1);
  });

  it('gives a read up after its attempts', async () => {
    await begin('unavailable');
    expect(told(await read('r'))).toEqual([503, -32004, undefined]);
    expect(reached()).toEqual(Array(4).fill('unavailable read r'));
  });

  it('does a write whose bytes were proved not to have left exactly once, when it comes back', async () => {
    await begin('unavailable');
    const writing = write('w');
    await eventually(reached, (lines) => lines.length >= 2);
    set('ok');
    const { status, body } = await writing;
    expect([status, body.isError ?? false]).toEqual([200, false]);
    expect(reached().filter((line) => line.startsWith('ok'))).toEqual(['ok write w']);
  });

  it.each(['unavailable dispatched', 'unknown dispatched', 'unknown'])('never repeats a write that it answers with: %s', async (mode) => {
    await begin(mode);
    expect(told(await write('w'))).toEqual([502, -32005, 'unknown']);
    expect(reached()).toHaveLength(1);
  });

  it('F21: opens the breaker after five failures: writes fail at once and say when to come back, reads are stale or empty and say so', async () => {
    await begin('ok', {}, ONE_CHILD);
    await read('known');
    await openBreaker();
    const before = reached().length;

    const from = performance.now();
    const refused = await write('w');
    expect(told(refused)).toEqual([503, -32004, 'not_started']);
    expect(refused.body.error.data.retry_after_ms).toBeGreaterThan(20_000);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(20);
    expect(performance.now() - from).toBeLessThan(1000);

    const stale = await eventually(
      () => read('known'),
      ({ body }) => body.bridge_info.stale === true,
    );
    expect([stale.status, stale.body.content[0].text]).toEqual([200, 'read known']);
    expect(stale.body.bridge_info).toMatchObject({ cached: true, stale: true, age_ms: expect.any(Number) });
    const empty = await other('x');
    expect([empty.status, empty.body.content[0].text]).toEqual([200, 'nothing known']);
    expect(empty.body.bridge_info).toMatchObject({ cached: false, fallback: 'empty' });
    expect(told(await read('known', { 'X-Cache-Control': 'no-cache' }))).toEqual([503, -32004, undefined]);
    expect(told(await read('never seen'))).toEqual([503, -32004, undefined]);
    expect(reached()).toHaveLength(before);
    expect((await bridge.post('/mcp/servers/near/tools/call', { name: 'echo', arguments: { text: 'x' } })).status).toBe(200);
  });

  it('answers what already waits as soon as the breaker opens', async () => {
    await begin('unavailable', {}, { ...ONE_CHILD, max_in_flight: 1 });
    await bridge.post('/mcp/tools/list', {});
    const from = performance.now();
    // each holds the only slot for a while; the rest can only wait
    const replies = await Promise.all([...Array(12).keys()].map((n) => write(`w${n}`, { ms: 20, entity: n % 2 ? 'same' : `e${n}` })));
    expect(performance.now() - from).toBeLessThan(4000);
    expect(replies.map(told)).toEqual(Array(12).fill([503, -32004, 'not_started']));
    for (const { body } of replies) expect(body.error.data.retry_after_ms).toBeGreaterThan(20_000);
    expect(reached().length).toBeLessThanOrEqual(6);
  });

  it('has its list of tools labelled stale while no child of it is left, however fresh it was', async () => {
    await begin('ok', {}, { ...ONE_CHILD, warm_spares: 0 });
    const list = async () => (await bridge.post('/mcp/tools/list', { jsonrpc: '2.0', id: 1, method: 'tools/list' })).body;
    await list();
    expect((await list()).bridge_info).toMatchObject({ cached: true, total_tools: 3 });
    expect((await list()).bridge_info.stale).toBeUndefined();
    set('no-start');
    await write('poison');
    const { result, bridge_info: info } = await list();
    expect(result.tools).toHaveLength(3);
    expect(info).toMatchObject({ cached: true, stale: true, age_ms: expect.any(Number), cache_expires: null });
    set('ok');
    await eventually(list, ({ bridge_info: { stale } }) => stale === undefined);
  });

  it('is asked by one probe when its time is over, and serves all again', async () => {
    await begin('ok', { circuit_breaker: { recovery_timeout_seconds: 0.5 } }, ONE_CHILD);
    await openBreaker();
    const before = reached().length;
    await eventually(
      async () => {
        await write('while away');
        return reached().length;
      },
      (count) => count > before,
    );
    const probes = reached().length - before;
    expect(probes).toBe(1);
    set('ok');
    await eventually(
      async () => (await write('back')).status,
      (status) => status === 200,
    );
    const all = await Promise.all([...Array(5).keys()].map((n) => read(`after ${n}`)));
    expect(all.map(({ status }) => status)).toEqual(Array(5).fill(200));
  }, 15_000);

  it('lets one probe through while many ask at once', async () => {
    await begin('ok', { circuit_breaker: { recovery_timeout_seconds: 1 } });
    await openBreaker();
    const before = reached().length;
    const { body } = await write('asks when');
    const until = performance.now() + Number(body.error.data.retry_after_ms) + 20;
    await eventually(() => performance.now() > until);
    const replies = await Promise.all([...Array(10).keys()].map((n) => write(`p${n}`, { entity: `e${n}`, ms: 50 })));
    expect(reached().length - before).toBe(1);
    expect(new Set(replies.map(told).map(String))).toEqual(new Set(['503,-32004,not_started']));
  }, 15_000);

  it('F22: that refuses the bridge is asked once and never again, and nothing stands in for it', async () => {
    await begin('ok', { circuit_breaker: { recovery_timeout_seconds: 0.2 } });
    await read('known');
    set('refused');
    const refused = await other('x');
    expect(told(refused)).toEqual([503, -32004, undefined]);
    expect(refused.body.error.data).not.toHaveProperty('retry_after_ms');
    set('ok');
    const before = reached().length;
    const until = performance.now() + 500;
    await eventually(async () => {
      expect(told(await write('w'))).toEqual([503, -32004, 'not_started']);
      expect(told(await other('x'))).toEqual([503, -32004, undefined]);
      return performance.now() > until;
    }, Boolean);
    expect(told(await read('never known'))).toEqual([503, -32004, undefined]);
    expect(reached()).toHaveLength(before);
  });

  it('and whose children are all gone still tells its list of tools', async () => {
    await begin('ok', {}, ONE_CHILD);
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await bridge.post('/mcp/tools/list', list)).body.result.tools).toHaveLength(3);
    set('no-start');
    await write('poison');
    const { body } = await eventually(
      () => bridge.post('/mcp/tools/list', list),
      ({ status }) => status === 200,
    );
    expect(body.result.tools).toHaveLength(3);
    expect(body.bridge_info.cached).toBe(true);
    expect(told(await write('w', { entity: 'x' }))).toEqual([503, -32004, 'not_started']);
  }, 30_000);

  it('F3: in a crash loop at its start is told, its reads stand in, its writes wait for nobody; it heals by itself', async () => {
    await begin('no-start');
    const from = performance.now();
    const [first, near] = await Promise.all([
      write('w'),
      bridge.post('/mcp/servers/near/tools/call', { name: 'echo', arguments: { text: 'x' } }),
    ]);
    expect(near.status).toBe(200);
    expect(told(first)).toEqual([503, -32004, 'not_started']);
    expect(first.body.error.data.reason).toBe('start_failed');
    expect(performance.now() - from).toBeLessThan(7500);
    expect((await other('x')).body.bridge_info).toMatchObject({ fallback: 'empty' });

    const opening = await bridge.post('/mcp/initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    });
    expect(told(opening).slice(0, 2)).toEqual([503, -32004]);
    expect(told(await bridge.post('/mcp/tools/list', {})).slice(0, 2)).toEqual([503, -32004]);

    const atOnce = performance.now();
    expect(told(await write('w'))).toEqual([503, -32004, 'not_started']);
    expect(performance.now() - atOnce).toBeLessThan(500);
    expect(JSON.stringify((await bridge.get('/health')).body)).toContain('house');

    set('ok');
    await eventually(
      async () => (await write('back')).status,
      (status) => status === 200,
      15_000,
    );
    expect(reached().filter((line) => line === 'ok write back')).toHaveLength(1);
  }, 30_000);

  it('F4: that was killed again and again by one read refuses its arguments, while its neighbours are answered', async () => {
    await begin('ok', {}, { min_connections: 2, max_in_flight: 8 });
    await bridge.post('/mcp/tools/list', {});
    const [poison, ...neighbours] = await Promise.all([read('poison'), ...[...Array(10).keys()].map((n) => read(`n${n}`))]);
    expect([poison.status, poison.body.error.code, poison.body.error.data.reason]).toEqual([400, -32602, 'quarantined']);
    expect(neighbours.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const deaths = reached().filter((line) => line === 'ok read poison').length;
    expect(told(await read('poison'))).toEqual([400, -32602, 'not_started']);
    expect(reached().filter((line) => line === 'ok read poison')).toHaveLength(deaths);
    expect(deaths).toBe(2);
  });

  it('is never killed a third time by a write: the caller hears unknown twice, then that it is quarantined', async () => {
    await begin('ok', {}, { min_connections: 2 });
    expect(told(await write('poison'))).toEqual([502, -32005, 'unknown']);
    expect(told(await write('poison'))).toEqual([502, -32005, 'unknown']);
    expect(told(await write('poison'))).toEqual([400, -32602, 'not_started']);
    expect(reached()).toHaveLength(2);
  });
});
