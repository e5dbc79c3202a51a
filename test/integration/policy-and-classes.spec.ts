import { hash } from 'node:crypto';
import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { Ledger, overlaps, widest } from '../support/ledger.js';

const tools = { write: { kind: 'write', targets: ['/entity'] }, read: { kind: 'read', cache: { ttl_seconds: 60, vary_by: ['/entity'] } } };
const ONE_AT_A_TIME = { min_connections: 1, target_connections: 1, max_connections: 1, max_in_flight: 1, warm_spares: 0 };
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
const PLAIN = bearer('plain-key-of-at-least-thirty-two-bytes');
const URGENT = bearer('urgent-key-of-at-least-thirty-two-bytes');
const LOWLY = bearer('lowly-key-of-at-least-thirty-two-bytes');
const keyOf = (name: string, who: typeof PLAIN, more: object = {}) => ({
  name,
  sha256: hash('sha256', who.Authorization.slice(7)),
  ...more,
});

describe('What the configuration says', () => {
  let ledger: Ledger;
  let bridge: RunningBridge;

  beforeEach(() => (ledger = new Ledger()));
  afterEach(async () => {
    await bridge.close();
    ledger.remove();
  });

  const begin = async (settings: object = {}, more: object = {}, headers = {}) => {
    bridge = await aBridge({ ...settings, upstreams: { ledger: upstream('ledger', [ledger.path], { policy: { tools }, ...more }) } });
    expect((await bridge.post('/mcp/tools/list', {}, headers)).status).toBe(200);
  };
  const write = (entity: string, op: string, more: object = {}, headers = {}) => bridge.call('write', { entity, op, ...more }, headers);
  const read = (op: string, headers = {}) => bridge.call('read', { entity: 'one', op }, headers);
  const pending = async (): Promise<number> => (await bridge.get('/mcp/status')).body.queue.pending;
  const order = () => ledger.runs().map(({ op }) => op);

  /** Fills the only slot, then sends one call after another, each when the one before waits. */
  async function behindAPlug(ops: readonly (readonly [string, string])[], plugMs = 400): Promise<void> {
    const sent: Promise<unknown>[] = [write('plug', 'plug', { work_ms: plugMs })];
    await eventually(() => order().includes('plug'));
    for (const [index, [op, priority]] of ops.entries()) {
      sent.push(write(op, op, {}, { 'X-Priority': priority }));
      await eventually(pending, (count) => count === index + 1);
    }
    await Promise.all(sent);
  }

  it('each class is used as asked, and told', async () => {
    await begin({ access: { keys: [keyOf('urgent', URGENT, { max_priority: 'CRITICAL' })] } }, {}, URGENT);
    for (const priority of ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'BULK']) {
      const { body } = await read(priority, { ...URGENT, 'X-Priority': priority, 'X-Cache-Control': 'no-cache' });
      expect(body.bridge_info.priority).toBe(priority);
    }
  });

  it('a wish above the ceiling of a key is clamped to it, one below stays', async () => {
    const keys = [keyOf('plain', PLAIN), keyOf('lowly', LOWLY, { max_priority: 'LOW' })];
    await begin({ access: { keys } }, {}, PLAIN);
    const used = async (who: object, priority: string) => (await read('r', { ...who, 'X-Priority': priority })).body.bridge_info.priority;
    expect(await used(PLAIN, 'CRITICAL')).toBe('HIGH');
    expect(await used(LOWLY, 'CRITICAL')).toBe('LOW');
    expect(await used(LOWLY, 'BULK')).toBe('BULK');
    const { status, body } = await read('r', { ...PLAIN, 'X-Priority': 'URGENT' });
    expect([status, body.error.code]).toEqual([400, -32602]);
    for (const name of ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'BULK']) expect(JSON.stringify(body.error)).toContain(name);
  });

  it('the more urgent class is served first', async () => {
    await begin({}, ONE_AT_A_TIME);
    await behindAPlug([
      ['bulk', 'BULK'],
      ['low', 'LOW'],
      ['medium', 'MEDIUM'],
      ['high', 'HIGH'],
    ]);
    expect(order()).toEqual(['plug', 'high', 'medium', 'low', 'bulk']);
  });

  it('queue.priority_enabled: false serves in order of arrival', async () => {
    await begin({ queue: { priority_enabled: false } }, ONE_AT_A_TIME);
    await behindAPlug([
      ['bulk', 'BULK'],
      ['low', 'LOW'],
      ['medium', 'MEDIUM'],
      ['high', 'HIGH'],
    ]);
    expect(order()).toEqual(['plug', 'bulk', 'low', 'medium', 'high']);
    expect((await read('r', { 'X-Priority': 'HIGH' })).body.bridge_info.priority).toBe('MEDIUM');
  });

  it('queue.deduplication_enabled: false runs a repeated request id again', async () => {
    await begin({ queue: { deduplication_enabled: false } });
    const headers = { 'X-Request-ID': 'same' };
    expect((await write('one', 'w', {}, headers)).status).toBe(200);
    const again = await write('one', 'w', {}, headers);
    expect([again.status, again.body.bridge_info.replayed, again.headers.get('x-request-id')]).toEqual([200, undefined, 'same']);
    expect((await write('one', 'other', {}, headers)).status).toBe(200);
    expect(order()).toEqual(['w', 'w', 'other']);
  });

  it('cache.enabled: false asks the upstream every time', async () => {
    await begin({ cache: { enabled: false } });
    for (const op of ['r1', 'r2', 'r3']) expect((await read(op)).body.bridge_info.cached).toBe(false);
    expect(ledger.runs('read')).toHaveLength(3);
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await bridge.post('/mcp/tools/list', list)).body.bridge_info.cached).toBe(false);
  });

  it('a read is cached for those who asked, and for all where its scope is shared', async () => {
    const shared = { ...tools, read: { ...tools.read, cache: { ...tools.read.cache, scope: 'shared' } } };
    const keys = [keyOf('plain', PLAIN), keyOf('lowly', LOWLY)];
    await begin({ access: { keys } }, {}, PLAIN);
    await read('r', PLAIN);
    expect((await read('r', PLAIN)).body.bridge_info.cached).toBe(true);
    expect((await read('r', LOWLY)).body.bridge_info.cached).toBe(false);
    await bridge.close();
    await begin({ access: { keys } }, { policy: { tools: shared } }, PLAIN);
    await read('r', PLAIN);
    expect((await read('r', LOWLY)).body.bridge_info.cached).toBe(true);
  });

  it.each([
    ['entity', 4],
    ['domain', 1],
  ])('lock.granularity: %s lets %i writes of one domain run at once, and other domains beside them', async (granularity, width) => {
    const policy = { keys: { separator: '.' }, lock: { granularity }, tools };
    const four = { min_connections: 4, target_connections: 4, max_connections: 4, warm_spares: 0 };
    await begin({}, { ...four, policy });
    const entities = ['lamp.a', 'lamp.b', 'lamp.c', 'lamp.d', 'door.a'];
    const replies = await Promise.all(entities.map((entity) => write(entity, entity, { work_ms: 250 })));
    expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const runs = ledger.runs();
    const lamps = runs.filter(({ op }) => op.startsWith('lamp'));
    expect(widest(lamps)).toBe(width);
    expect(widest(runs)).toBe(width + 1);
    expect(overlaps(runs)).toEqual([]);
  });

  it('the rate limit answers 429 with when to come back, exempts probes, and gives each principal a bucket of its own', async () => {
    const keys = [keyOf('plain', PLAIN), keyOf('lowly', LOWLY)];
    await begin({ access: { keys }, rate_limiting: { enabled: true, burst_capacity: 5, requests_per_second: 1 } }, {}, LOWLY);
    const replies = await Promise.all([...Array(12).keys()].map((n) => write('one', `w${n}`, {}, PLAIN)));
    const limited = replies.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThanOrEqual(6);
    for (const { headers, body } of limited) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect([headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual(['5', '0']);
      expect(Number(headers.get('ratelimit-reset'))).toBeGreaterThanOrEqual(1);
      expect(body.error).toMatchObject({ code: -32003, data: { limit: 5, retry_after_ms: expect.any(Number), outcome: 'not_started' } });
    }
    expect(order()).toHaveLength(12 - limited.length);
    expect((await read('r', LOWLY)).status).toBe(200);
    for (const path of ['/health', '/health/live', '/health/ready']) expect((await bridge.get(path)).status).toBe(200);
    const [waitMs] = limited.map(({ body }) => Number(body.error.data.retry_after_ms));
    expect(waitMs).toBeLessThanOrEqual(8000);
    await eventually(
      async () => (await write('one', 'later', {}, PLAIN)).status,
      (status) => status === 200,
    );
  });
});
