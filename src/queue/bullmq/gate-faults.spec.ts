import type { HandOutKey } from './gate-answers.js';
import { client, done, exclusive, GateBed, type Replica } from '../../../test/support/gate-kit.js';
import { eventually } from '../../../test/support/eventually.js';
import { aRedisServer, type RedisServer } from '../../../test/support/redis-server.js';
import { Gate } from './gate.js';

const LEASE_MS = 1_500;

describe(`${Gate.name}: a Redis that fails`, () => {
  let redis: RedisServer;
  let bed: GateBed;
  let one: Replica;
  let two: Replica;

  beforeEach(async () => {
    redis = await aRedisServer({ appendfsync: 'always' });
    bed = new GateBed(redis.url, { leaseMs: LEASE_MS });
    [one, two] = [await bed.opened('one'), await bed.opened('two')];
  });
  afterEach(async () => {
    await bed.closeConsistent();
    await redis.close();
  });

  it('lets writes wait after a restart until every replica has renewed and swept, and reads go on', async () => {
    const [write, read] = [await one.offered(exclusive('house/a')), await one.offered()];
    const claimed = await one.take(await one.offered(exclusive('house/b')));
    await restart();
    expect(await one.gate.claim(one.handOut(write))).toEqual({ as: 'no_epoch' });
    expect(await one.gate.begin(claimed)).toEqual({ as: 'no_epoch' });
    expect((await one.take(read)).answer).toMatchObject({ as: 'go' });
    expect(await one.accept({ ...exclusive('house/c'), holder: 'one#fast' })).toMatchObject({ as: 'queued' });

    const before = one.epoch;
    expect(await one.sweep()).toMatchObject({ opened: 'restart', more: true, rollCall: undefined });
    expect(one.epoch).not.toBe(before);
    expect(await one.sweep()).toMatchObject({ opened: undefined, rollCall: { why: 'restart' } });
    expect(await one.gate.claim(one.handOut(write))).toMatchObject({ as: 'wait' });

    // it learns of the new epoch by its first sweep, and is heard by its second
    expect(await two.sweep()).toMatchObject({ opened: undefined, more: true });
    expect(await one.gate.begin(claimed)).toMatchObject({ as: 'wait' });
    expect(await two.sweep()).toMatchObject({ rollCall: undefined, more: false });
    expect(await one.gate.begin(claimed)).toMatchObject({ as: 'go' });
    expect((await one.take(write)).answer).toMatchObject({ as: 'go' });
  });

  it('waits for those that were there before a restart, also when one whose report is lost accepts before they are back', async () => {
    const rollCallMs = 100;
    const three = bed.replica('three', { rollCallMs });
    const offer = await two.offered(exclusive('house/a'));
    await restart();
    await passes(rollCallMs);
    await three.accept();
    for (const replica of [three, three, one, one]) await replica.sweep();
    expect(await three.gate.claim(three.handOut(offer))).toMatchObject({ as: 'wait' });
    await two.gate.renew([{ ...two.handOut(offer), begun: true }]);
    for (const replica of [two, two]) await replica.sweep();
    expect((await three.take(offer)).answer).toEqual({ as: 'no', why: 'taken' });
  });

  it('puts a begun write back on record that Redis has lost the begin of', async () => {
    const offer = await one.offered(exclusive('house/a'));
    const claimed = await one.take(await one.offered(exclusive('house/b')));
    const lost = [claimed, one.handOut(offer)];
    await restart();
    await one.sweep();
    const renewed = await one.gate.renew(lost.map((handOut) => ({ ...handOut, begun: true })));
    expect(renewed.renewed.map(({ holder }) => holder)).toEqual(lost.map(({ holder }) => holder));
    await one.sweep();
    await two.sweep();
    await two.sweep();
    expect((await two.take(offer)).answer).toEqual({ as: 'no', why: 'taken' });
    for (const handOut of lost) expect(await one.finish(handOut)).toMatchObject({ as: 'ok', settlement: { state: 'done', attempts: 1 } });
  });

  it('takes the word of a holder of a write that was offered anew, since its begin was lost and others ended before it', async () => {
    const offers = [await one.offered(exclusive('house/a')), await one.offered(exclusive('house/b'))];
    const [held, ended] = offers.map(({ id, turn }) => one.handOut({ id, turn: turn - 1 })) as [HandOutKey, HandOutKey];
    expect(await one.gate.renew([{ ...held, begun: true }])).toMatchObject({ lost: [], renewed: [{ holder: held.holder }] });
    for (const handOut of [held, ended]) expect(await one.finish(handOut)).toMatchObject({ as: 'ok', settlement: { begun: true } });
    for (const offer of offers) expect((await two.take(offer)).answer).toEqual({ as: 'no', why: 'settled' });
  });

  it('tells two holders of one write apart, of which one process has both since a hand-out was lost', async () => {
    const offer = await one.offered(exclusive('house/a'));
    const [lost, later] = [one.handOut({ ...offer, turn: offer.turn + 5 }), await one.take(offer)];
    const both = [lost, later].map((handOut) => ({ ...handOut, begun: handOut === lost }));
    expect(await one.gate.renew(both)).toMatchObject({ lost: [later.holder], missing: [], renewed: [{ holder: lost.holder }] });
    expect(await one.finish(lost)).toMatchObject({ as: 'ok' });
  });

  it('takes the word of a holder that ends what Redis has lost the hand-out of', async () => {
    const offer = await one.offered({ ...client('x'), ...exclusive('house/a') });
    expect(await one.finish(one.handOut({ ...offer, turn: offer.turn + 5 }))).toMatchObject({ as: 'ok', settlement: { begun: true } });
    expect(await one.accept(client('x'))).toMatchObject({ as: 'settled', settlement: { state: 'done' } });
  });

  it('proves nothing of a write that waits while it may have begun in what was lost', async () => {
    const { id } = await one.offered({ ...exclusive('house/a'), budgetMs: 100 });
    await restart();
    expect(await one.gate.leave(id, 'deadline')).toEqual({ as: 'running', kind: 'write', phase: 'waiting' });
    await one.sweep();
    await passes(100);
    expect((await one.sweep()).effects.settled).toEqual([]);
    await two.sweep();
    expect(await two.sweep()).toMatchObject({ rollCall: undefined, effects: { settled: [{ id, state: 'expired' }] } });
  });

  it('gives up the open writes of before when a replica is not heard for a lease, and lets the others go on', async () => {
    const before = await one.offered({ ...client('write'), ...exclusive('house/a'), budgetMs: 60_000 });
    const claimed = await one.take(await one.offered({ ...exclusive('house/b'), budgetMs: 60_000 }));
    const read = await one.offered();
    await restart();
    await one.sweep();
    const after = await one.accept({ ...exclusive('house/a'), budgetMs: 60_000 });
    expect(after).toMatchObject({ as: 'queued', effects: { offers: [] } });
    const settled: string[] = [];
    const offers: string[] = [];
    await eventually(async () => {
      const { effects, rollCall } = await one.sweep();
      settled.push(...effects.settled.map(({ id, state, why }) => `${id} ${state} ${why}`));
      offers.push(...effects.offers.filter(({ as }) => as === 'new').map(({ lane }) => lane));
      return rollCall === undefined;
    });
    expect(settled.sort()).toEqual([before, claimed].map(({ id }) => `${id} unknown replica_unheard`).sort());
    expect(offers).toEqual(['house']);
    expect((await one.take(read)).answer).toMatchObject({ as: 'go' });
    expect(await one.finish(claimed)).toEqual({ as: 'late' });
  });

  it('holds writes back for a whole lease when a replica knows a number that Redis does not, and gives none twice', async () => {
    const offer = await one.offered(exclusive('house/a'));
    await bed.redis.set(bed.key('seq'), 0);
    expect(await one.sweep()).toMatchObject({ opened: expect.any(String) as string });
    expect(await one.sweep()).toMatchObject({ rollCall: { why: 'lost_tail' } });
    for (const replica of [two, two, one]) await replica.sweep();
    expect(await one.gate.claim(one.handOut(offer))).toMatchObject({ as: 'wait' });
    expect((await one.offered()).turn).toBeGreaterThan(offer.turn);
    await eventually(async () => (await one.sweep()).rollCall === undefined);
    expect((await one.take(offer)).answer).toMatchObject({ as: 'go' });
  });

  it('tells of a loss until the one who found it knows the epoch, so that no lost answer hides it', async () => {
    await one.offered();
    const { epoch } = one;
    await bed.redis.flushall();
    const lost = await one.gate.sweep({ slots: { house: 4 }, epoch });
    expect(lost).toMatchObject({ opened: 'lost_tail' });
    expect(await two.sweep()).toMatchObject({ opened: undefined });
    expect(await one.sweep()).toMatchObject({ opened: 'lost_tail', epoch: two.epoch });
    for (const replica of [one, two, one]) expect(await replica.sweep()).toMatchObject({ opened: undefined });
  });

  it('tells of a loss that is found during the roll call of a restart', async () => {
    await one.offered();
    await bed.redis.set(bed.key('seq'), 0);
    await restart();
    expect(await two.sweep()).toMatchObject({ opened: 'restart' });
    expect(await one.sweep()).toMatchObject({ opened: 'lost_tail' });
    for (const replica of [one, two]) expect(await replica.sweep()).toMatchObject({ opened: undefined });
    expect(await two.sweep()).toMatchObject({ opened: undefined, rollCall: { why: 'lost_tail' } });
  });

  it('accepts nothing after it was emptied until somebody has looked, and holds writes back for a lease', async () => {
    const { id } = await one.offered();
    const sentUnder = one.epoch;
    await bed.redis.flushall();
    expect(await one.accept()).toEqual({ as: 'no_epoch' });
    expect(await one.gate.peek([{ id }])).toMatchObject({ epoch: undefined, missing: [id] });
    expect(await one.sweep()).toMatchObject({ opened: expect.any(String) as string });
    expect((await one.sweep()).rollCall?.why).toBe('lost_tail');
    const peeked = await one.gate.peek([{ id }]);
    expect(peeked.missing).toEqual([id]);
    expect(peeked.epoch).not.toBe(sentUnder);
    const offer = await one.offered(exclusive('house/a'));
    expect(await one.gate.claim(one.handOut(offer))).toMatchObject({ as: 'wait' });
    await two.sweep();
    expect(await two.sweep()).toMatchObject({ opened: undefined });
  });

  it('comes to rest when it restarts twice with the data of before the first time, or a replica has missed a restart', async () => {
    const three = await bed.opened('three');
    const remembered = await bed.redis.hgetall(bed.key('epoch'));
    await restart();
    for (const replica of [one, two, one, two]) await replica.sweep();
    await bed.redis.del(bed.key('epoch'));
    await bed.redis.hset(bed.key('epoch'), remembered);
    await restart();
    for (const replica of [one, two, three, one, two, three]) await replica.sweep();
    const opened = [];
    for (const replica of [one, two, three, one, two, three]) opened.push((await replica.sweep()).opened);
    expect(opened).toEqual(opened.map(() => undefined));
    expect(new Set([one, two, three].map(({ epoch }) => epoch)).size).toBe(1);
  });

  it('waits for no replica that had gone by its own will', async () => {
    await two.gate.retire();
    await one.gate.retire();
    await restart();
    const next = bed.replica('next');
    await next.sweep();
    expect(await next.sweep()).toMatchObject({ rollCall: undefined });
    expect((await next.take(await next.offered(exclusive('house/a')))).answer).toMatchObject({ as: 'go' });
  });

  it('waits for nobody at the very first start', async () => {
    await bed.redis.flushall();
    const first = bed.replica('first');
    expect(await first.sweep()).toMatchObject({ opened: undefined, rollCall: undefined, more: false });
    expect((await first.take(await first.offered(exclusive('house/a')))).answer).toMatchObject({ as: 'go' });
  });

  it('goes on sweeping when somebody has deleted records', async () => {
    await bed.redis.zadd(bed.key('due'), 0, 'waits');
    await bed.redis.zadd(bed.key('lease'), 0, 'runs');
    await bed.redis.zadd(bed.key('offer:house'), 0, 'offered');
    expect(await one.sweep()).toMatchObject({ as: 'swept' });
    expect(await bed.redis.zscore(bed.key('due'), 'waits')).toBeNull();
    expect(await bed.redis.zscore(bed.key('lease'), 'runs')).toBeNull();
    expect(await bed.redis.zscore(bed.key('offer:house'), 'offered')).toBeNull();
  });

  it('keeps away from the records of another schema', async () => {
    await bed.redis.hset(bed.key('epoch'), 'schema', 'another');
    expect(await one.gate.sweep({ slots: {} })).toEqual({ as: 'foreign_schema', schema: 'another' });
    expect(await one.accept()).toEqual({ as: 'no_epoch' });
    await bed.redis.hset(bed.key('epoch'), 'schema', '2');
  });

  it('goes on when the scripts are flushed', async () => {
    const offer = await one.offered();
    await bed.redis.script('FLUSH');
    expect(await one.finish(await one.take(offer))).toMatchObject({ as: 'ok' });
  });

  it('takes the end of a call when it takes anything again', async () => {
    const handOut = await one.begun(await one.offered(exclusive('house/a')));
    await bed.redis.config('SET', 'min-replicas-to-write', '1');
    let said: unknown;
    const finished = one.finish(handOut).then((answer) => (said = answer));
    expect(await one.accept()).toEqual({ as: 'refused', why: 'refused' });
    expect(said).toBeUndefined();
    await bed.redis.config('SET', 'min-replicas-to-write', '0');
    expect(await finished).toMatchObject({ as: 'ok', settlement: { state: 'done' } });
  });

  it('accepts nothing without memory, and empties a full queue all the same', async () => {
    const offers = [await one.offered(exclusive('house/a')), await one.offered(exclusive('house/b')), await one.offered()];
    await one.accept(exclusive('house/a'));
    await bed.redis.config('SET', 'maxmemory', '1');
    expect(await one.accept()).toEqual({ as: 'refused', why: 'out_of_memory' });
    expect(await one.accept({ key: { as: 'once', id: offers[0]!.id } })).toEqual({ as: 'refused', why: 'out_of_memory' });

    const handOut = await one.begun(offers[0]!);
    expect((await one.gate.renew([{ ...handOut, begun: true }])).renewed).toHaveLength(1);
    expect(await one.finish(handOut, await done('x'.repeat(10_000)))).toMatchObject({ as: 'ok', effects: { offers: [{}] } });
    expect(await one.gate.giveBack(await one.take(offers[1]!), { as: 'put_back', delayMs: 0, ranMs: 0 })).toMatchObject({ as: 'offered' });
    expect(await one.gate.leave(offers[2]!.id, 'left')).toMatchObject({ as: 'cancelled' });
    expect(await one.sweep()).toMatchObject({ as: 'swept' });
    expect((await one.gate.peek([{ id: handOut.id }])).settled).toHaveLength(1);
    expect(await one.gate.stats()).toMatchObject({ waiting: 2, running: 0 });
    await bed.redis.config('SET', 'maxmemory', '0');
    expect(await one.accept()).toMatchObject({ as: 'queued' });
  });

  async function restart(): Promise<void> {
    await redis.kill();
    await redis.restart();
    await bed.redis.ping();
  }

  async function passes(ms: number): Promise<void> {
    const until = (await bed.now()) + ms;
    await eventually(async () => (await bed.now()) > until);
  }
});
