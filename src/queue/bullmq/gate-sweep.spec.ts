import { client, exclusive, GateBed, type Replica } from '../../../test/support/gate-kit.js';
import { eventually } from '../../../test/support/eventually.js';
import { aRedis } from '../../../test/support/redis-server.js';
import { Gate } from './gate.js';

const LEASE_MS = 300;

describe(`${Gate.name}: sweep`, () => {
  let redis: Awaited<ReturnType<typeof aRedis>>;
  let bed: GateBed;
  let one: Replica;
  let two: Replica;

  beforeAll(async () => {
    redis = await aRedis();
  });
  beforeEach(async () => {
    bed = new GateBed(redis.url, { leaseMs: LEASE_MS, offerAgainMs: 50, ageingEveryMs: 0 });
    [one, two] = [await bed.opened('one'), await bed.opened('two')];
  });
  afterEach(() => bed.closeConsistent());
  afterAll(() => redis.close());

  it('expires what waits beyond its deadline, parked too, and lets its line go on', async () => {
    await one.offered({ ...exclusive('house'), budgetMs: 30 });
    await one.accept({ ...exclusive('house/lamp'), lines: [{ line: 'house', mode: 'S' }], budgetMs: 30 });
    await one.accept({ ...exclusive('house/lamp'), lines: [{ line: 'house', mode: 'S' }] });
    const heard = await two.listen();
    await passes(40);
    const { effects, swept } = await one.sweep();
    expect(effects.settled.map(({ state, why, begun }) => [state, why, begun])).toEqual([
      ['expired', 'queue_timeout', false],
      ['expired', 'queue_timeout', false],
    ]);
    // the parked one was let go on by the first before its own time was looked at
    expect(effects.offers.length).toBeGreaterThanOrEqual(1);
    expect(swept).toMatchObject({ expired: 2 });
    expect(heard).toEqual([]);
  });

  it('hands a claimed call and a begun read on when their lease is over, and settles a begun write as unknown', async () => {
    const claimed = await one.take(await one.offered(exclusive('house/a')));
    const read = await one.take(await one.offered({ attempts: 2 }));
    const lastRead = await one.take(await one.offered({ attempts: 1 }));
    const write = await one.begun(await one.offered({ ...client('write'), ...exclusive('house/b') }));
    const next = await one.accept(exclusive('house/b'));
    expect(next).toMatchObject({ effects: { offers: [] } });

    const swept = await whenLeaseIsOver();
    expect(swept.swept).toMatchObject({ lease_over: 4 });
    expect(swept.effects.offers.map(({ id }) => id)).toEqual(expect.arrayContaining([claimed.id, read.id]));
    expect(swept.effects.offers).toHaveLength(3);
    expect(swept.effects.settled.map(({ id, state, why }) => [id, state, why])).toEqual(
      expect.arrayContaining([
        [lastRead.id, 'failed', 'lease_over'],
        ['write', 'unknown', 'lease_over'],
      ]),
    );
    expect(await one.gate.begin(claimed)).toEqual({ as: 'no', why: 'not_claimed' });
    expect(await one.finish(read)).toEqual({ as: 'no', why: 'taken' });
    expect((await one.gate.renew([{ ...write, begun: true }])).lost).toEqual([write.holder]);
    expect(await one.finish(write)).toEqual({ as: 'late' });
    expect(await one.accept(client('write'))).toMatchObject({ settlement: { state: 'done' } });
  });

  it('leaves alone what is renewed, and tells what is left of its time', async () => {
    const write = await one.begun(await one.offered(exclusive('house/b')));
    const start = await bed.now();
    await eventually(async () => {
      expect(await one.gate.renew([{ ...write, begun: true }])).toMatchObject({
        lost: [],
        missing: [],
        renewed: [{ holder: write.holder }],
      });
      expect((await two.sweep()).swept).toMatchObject({ lease_over: 0 });
      return (await bed.now()) > start + 2 * LEASE_MS;
    });
    expect(await one.gate.renew([{ ...write, id: 'unknown', begun: true }])).toEqual({ lost: [], missing: [write.holder], renewed: [] });
    expect(await one.gate.renew([])).toEqual({ lost: [], missing: [], renewed: [] });
    await one.finish(write);
  });

  it('renews five hundred at once', async () => {
    const held = [];
    for (let count = 0; count < 500; count += 1) held.push({ ...(await one.take(await one.offered())), begun: true });
    expect((await one.gate.renew(held)).renewed).toHaveLength(500);
  });

  it('offers again what nobody has claimed, once for ten replicas that look at one moment', async () => {
    const { id, turn } = await one.offered();
    await passes(60);
    const replicas = Array.from({ length: 10 }, (_, index) => bed.replica(`replica ${index}`));
    const answers = await Promise.all(replicas.map((replica) => replica.sweep()));
    expect(answers.flatMap(({ effects }) => effects.offers)).toMatchObject([{ as: 'again', id, turn }]);
  });

  it('offers nothing again that is claimed', async () => {
    const handOut = await one.take(await one.offered());
    await passes(60);
    expect((await one.sweep()).effects.offers).toEqual([]);
    await one.finish(handOut);
  });

  it('cancels what only a dead replica was waiting for, stops its reads, and lets its begun writes end', async () => {
    const [waiting, followed] = [await two.offered(exclusive('house/a')), await two.offered(client('both'))];
    await one.accept(client('both'));
    const claimed = await one.take(await two.offered(exclusive('house/b')));
    const [read, write] = [await one.take(await two.offered()), await one.begun(await two.offered(exclusive('house/c')))];
    const heard = await one.listen();
    const settled: string[] = [];
    await eventually(async () => {
      await one.gate.renew([claimed, read, write].map((held) => ({ ...held, begun: held !== claimed })));
      const { effects } = await one.sweep();
      settled.push(...effects.settled.map(({ id, state, why }) => `${id} ${state} ${why}`));
      return heard.length > 0;
    });
    expect(settled.sort()).toEqual([`${claimed.id} cancelled caller_gone`, `${waiting.id} cancelled caller_gone`].sort());
    expect(heard).toEqual([{ is: 'cancel', id: read.id, holder: read.holder }]);
    expect(await one.gate.leave(followed.id, 'left')).toMatchObject({ as: 'cancelled' });
    expect(await one.finish(write)).toMatchObject({ as: 'ok' });
    await one.finish(read, { state: 'cancelled', body: undefined });
    expect(await one.gate.stats()).toMatchObject({ slots: 4, waiting: 0, running: 0 });
  });

  it('cancels what waits in the lane of a dead replica', async () => {
    const owner = await bed.opened('owner', { 'house@owner': 1 });
    const { id } = await one.offered({ lane: 'house@owner', share: 'same' });
    for (let call = 0; call < 5; call += 1) await one.accept({ lane: 'house@owner', share: 'same' });
    expect((await one.sweep()).effects.settled).toEqual([]);
    await owner.gate.retire();
    const settled: string[] = [];
    await eventually(async () => {
      settled.push(...(await one.sweep()).effects.settled.map(({ state, why }) => `${state} ${why}`));
      return settled.length === 6;
    });
    expect(new Set(settled)).toEqual(new Set(['cancelled replica_gone']));
    expect(await one.gate.peek([{ id }])).toMatchObject({ settled: [{ state: 'cancelled' }] });
    await eventually(async () => {
      await one.sweep();
      return !('house@owner' in (await one.gate.stats()).lanes);
    });
  });

  it('takes nobody for dead because Redis was away', async () => {
    await two.offered(exclusive('house/a'));
    await passes(2 * LEASE_MS);
    expect((await one.sweep()).swept).toMatchObject({ replica_dead: 0 });
  });

  it('goes on later with what is too much at once', async () => {
    for (let call = 0; call < 5; call += 1) await one.offered({ budgetMs: 20 });
    await passes(30);
    expect(await one.sweep({ house: 4 }, 3)).toMatchObject({ swept: { expired: 3 }, more: true });
    expect(await one.sweep({ house: 4 }, 3)).toMatchObject({ swept: { expired: 2 }, more: false });
  });

  it('forgets the bodies whose time is over', async () => {
    await one.finish(await one.take(await one.offered(client('x'))));
    await bed.redis.zadd(bed.key('kept'), 1, '4:x');
    await one.sweep();
    expect(await one.gate.stats()).toMatchObject({ storedBytes: 0 });
  });

  it('lets one patient request in ten settled rise to HIGH, the oldest first, never past CRITICAL', async () => {
    const patient = [];
    for (let call = 0; call < 2; call += 1) patient.push(await one.offered({ priority: 4, budgetMs: 400 }));
    await passes(110);
    const raised = [];
    for (let settled = 0; settled < 25; settled += 1) {
      const finished = await one.finish(await one.take(await one.offered()));
      if (finished.as === 'ok') raised.push(...finished.effects.offers.map((offer) => ({ ...offer, settled: settled + 1 })));
    }
    expect(raised).toMatchObject([
      { as: 'raised', id: patient[0]!.id, turn: patient[0]!.turn, priority: 1, settled: 10 },
      { as: 'raised', id: patient[1]!.id, priority: 1, settled: 20 },
    ]);
  });

  it('tells of the lane of a replica that is gone, not of one that lives and serves nobody, until it is forgotten', async () => {
    const owner = await bed.opened('owner', { 'house@owner': 1 });
    await owner.sweep({});
    expect(await one.sweep()).toMatchObject({ ended: [] });
    await owner.gate.retire();
    expect(await one.sweep()).toMatchObject({ ended: ['house@owner'] });
    expect(await two.sweep()).toMatchObject({ ended: [] });
    await bed.redis.zadd(bed.key('ended'), 0, 'house@owner');
    expect(await two.sweep()).toMatchObject({ ended: ['house@owner'] });
    await two.gate.forgetLane('house@owner');
    expect(await bed.redis.exists(bed.key('ended'))).toBe(0);
  });

  it('counts a retired replica no more', async () => {
    await two.gate.retire();
    expect(await one.gate.stats()).toMatchObject({ slots: 4 });
    await one.sweep();
    expect(await bed.redis.zscore(bed.key('rep'), 'two')).toBeNull();
  });

  async function whenLeaseIsOver() {
    await passes(LEASE_MS + 1);
    await two.sweep({ house: 4 }, 0);
    return one.sweep();
  }

  async function passes(ms: number): Promise<void> {
    const until = (await bed.now()) + ms;
    await eventually(async () => (await bed.now()) > until);
  }
});
