import { client, done, exclusive, GateBed, type Replica, shared } from '../../../test/support/gate-kit.js';
import { eventually } from '../../../test/support/eventually.js';
import { aRedis } from '../../../test/support/redis-server.js';
import { Gate } from './gate.js';
import type { HandOutKey } from './gate-answers.js';

describe(`${Gate.name}: hand-out`, () => {
  let redis: Awaited<ReturnType<typeof aRedis>>;
  let bed: GateBed;
  let one: Replica;

  beforeAll(async () => {
    redis = await aRedis();
  });
  beforeEach(async () => {
    bed = new GateBed(redis.url);
    one = await bed.opened('one');
  });
  afterEach(() => bed.closeConsistent());
  afterAll(() => redis.close());

  it('gives the holder all that was accepted', async () => {
    const { answer } = await one.take(await one.offered({ ...exclusive('house/lamp'), share: 'mine', payload: 'a {signed} letter' }));
    expect(answer).toMatchObject({
      as: 'go',
      kind: 'write',
      lane: 'house',
      share: 'mine',
      locks: '[["house/lamp","X"]]',
      payload: 'a {signed} letter',
      attempt: 1,
    });
  });

  it('answers a claim, a begin, a finish and a put-back that come twice as it did the first time', async () => {
    const offer = await one.offered(exclusive('house/lamp'));
    const first = one.handOut(offer);
    for (let sent = 0; sent < 2; sent += 1) expect(await one.gate.claim(first)).toMatchObject({ as: 'go', attempt: 1 });
    for (let sent = 0; sent < 2; sent += 1) expect(await one.gate.begin(first)).toMatchObject({ as: 'go', attempt: 1 });

    const backs = [];
    for (let sent = 0; sent < 2; sent += 1) backs.push(await one.gate.giveBack(first, { as: 'put_back', delayMs: 0, ranMs: 0 }));
    expect(backs[0]).toMatchObject({ as: 'offered', effects: { offers: [{ as: 'new', id: offer.id }] } });
    expect(backs[1]).toEqual(backs[0]);

    const again = backs[0]!.as === 'offered' ? backs[0]!.effects.offers[0]! : offer;
    expect(again.turn).toBeGreaterThan(offer.turn);
    const second = await one.begun(again);
    await one.accept(exclusive('house/lamp'));
    expect(await one.finish(second)).toMatchObject({ as: 'ok', settlement: { attempts: 1 }, effects: { offers: [{}], settled: [{}] } });
    expect(await one.finish(second)).toMatchObject({ as: 'ok', settlement: { attempts: 1 }, effects: { offers: [], settled: [] } });
    expect(await one.gate.claim(second)).toEqual({ as: 'no', why: 'settled' });
  });

  it('takes no late word of a begin for a hand-out that was given back since', async () => {
    const first = await one.begun(await one.offered(exclusive('house/lamp')));
    const late = { ...first, begun: true };
    const back = await one.gate.giveBack(first, { as: 'put_back', delayMs: 0, ranMs: 0 });
    expect(await one.gate.renew([late])).toMatchObject({ lost: [first.holder] });
    const second = await one.take(back.as === 'offered' ? back.effects.offers[0]! : first);
    expect(await one.gate.renew([late])).toMatchObject({ lost: [first.holder] });
    expect(await one.finish(first)).toEqual({ as: 'no', why: 'taken' });
    expect(await one.gate.begin(second)).toMatchObject({ as: 'go', attempt: 1 });
    expect(await one.finish(second)).toMatchObject({ as: 'ok', settlement: { attempts: 1 } });
  });

  it('refuses a second holder, an older turn and what is over or unknown', async () => {
    const offer = await one.offered(exclusive('house/lamp'));
    const holder = await one.take(offer);
    const other = one.handOut(offer);
    expect(await one.gate.claim(other)).toEqual({ as: 'no', why: 'taken' });
    expect(await one.gate.begin(other)).toEqual({ as: 'no', why: 'taken' });
    expect(await one.gate.giveBack(other, { as: 'put_back', delayMs: 0, ranMs: 0 })).toEqual({ as: 'no', why: 'taken' });

    await one.gate.giveBack(holder, { as: 'put_back', delayMs: 0, ranMs: 0 });
    expect(await one.gate.claim(holder)).toEqual({ as: 'no', why: 'old_turn' });
    expect(await one.gate.begin(holder)).toEqual({ as: 'no', why: 'not_claimed' });
    expect((await one.gate.renew([{ ...holder, begun: false }])).lost).toEqual([holder.holder]);

    expect(await one.gate.claim({ ...holder, id: 'nobody' })).toEqual({ as: 'no', why: 'gone' });
    await one.gate.leave(offer.id, 'left');
    expect(await one.gate.claim(holder)).toEqual({ as: 'no', why: 'settled' });
    expect(await one.finish(holder)).toEqual({ as: 'no', why: 'settled' });
  });

  it('begins a read when it is claimed', async () => {
    const handOut = await one.take(await one.offered());
    expect(await one.gate.begin(handOut)).toMatchObject({ as: 'go', attempt: 1 });
    expect(await one.finish(handOut)).toMatchObject({ as: 'ok', settlement: { attempts: 1, begun: true } });
  });

  it('counts no attempt of a read that never asked to begin', async () => {
    const handOut = await one.take(await one.offered());
    expect(await one.finish(handOut, { state: 'failed', begun: false })).toMatchObject({
      as: 'ok',
      settlement: { attempts: 0, begun: false },
    });
  });

  it('hands nothing out and begins nothing after the deadline', async () => {
    const offer = await one.offered({ ...exclusive('house/lamp'), budgetMs: 20 });
    const claimed = await one.take(await one.offered({ ...exclusive('house/door'), budgetMs: 20 }));
    const behind = await one.accept({ ...exclusive('house/lamp') });
    expect(behind).toMatchObject({ as: 'queued', effects: { offers: [] } });
    const until = (await bed.now()) + 20;
    await eventually(async () => (await bed.now()) > until);

    const { answer } = await one.take(offer);
    expect(answer).toMatchObject({
      as: 'expired',
      effects: { offers: [{ as: 'gone' }, { as: 'new' }], settled: [{ state: 'expired', begun: false, attempts: 0 }] },
    });
    expect(await one.gate.begin(claimed)).toMatchObject({ as: 'expired', effects: { settled: [{ state: 'expired' }] } });
    expect(await one.gate.begin(claimed)).toEqual({ as: 'no', why: 'settled' });
  });

  it('runs a read again after its pause, and a write never', async () => {
    const first = await one.take(await one.offered(client('read')));
    const back = await one.gate.giveBack(first, { as: 'retry', delayMs: 70, ranMs: 5 });
    expect(back).toMatchObject({ as: 'offered', effects: { offers: [{ as: 'new', delayMs: 70 }] } });
    const again = back.as === 'offered' ? back.effects.offers[0]! : undefined;
    const second = await one.take(again!);
    expect(second.answer).toMatchObject({ as: 'go', attempt: 2 });
    expect(await one.gate.giveBack(second, { as: 'retry', delayMs: 60_000, ranMs: 5 })).toEqual({ as: 'no', why: 'too_late' });
    expect(await one.finish(second, { state: 'failed' })).toMatchObject({ settlement: { attempts: 2, ranMs: 10 } });

    const write = await one.begun(await one.offered(exclusive('house/lamp')));
    expect(await one.gate.giveBack(write, { as: 'retry', delayMs: 0, ranMs: 0 })).toEqual({ as: 'no', why: 'too_late' });
  });

  it('settles what is given back after its deadline or after everybody has left', async () => {
    const late = await one.begun(await one.offered({ ...exclusive('house/lamp'), budgetMs: 20 }));
    const until = (await bed.now()) + 20;
    await eventually(async () => (await bed.now()) > until);
    const putBack = { as: 'put_back', delayMs: 0, ranMs: 0 } as const;
    expect(await one.gate.giveBack(late, putBack)).toMatchObject({
      as: 'settled',
      effects: { settled: [{ state: 'expired', begun: false, attempts: 0 }] },
    });

    const left = await one.begun(await one.offered(exclusive('house/lamp')));
    expect(await one.gate.leave(left.id, 'left')).toEqual({ as: 'running', kind: 'write', phase: 'begun' });
    expect(await one.gate.giveBack(left, putBack)).toMatchObject({ as: 'settled', effects: { settled: [{ state: 'cancelled' }] } });
  });

  it('takes the true result of a write whose record says unknown, once and for good', async () => {
    const handOut = await one.begun(await one.offered({ ...client('x'), ...exclusive('house/lamp') }));
    await one.finish(handOut, { state: 'unknown', why: 'deadline', body: undefined });
    expect(await one.finish(handOut)).toEqual({ as: 'late' });
    expect(await one.finish(handOut)).toMatchObject({ as: 'ok', effects: { offers: [], settled: [] } });
    expect(await one.finish(handOut, { state: 'failed' })).toEqual({ as: 'no', why: 'settled' });
    expect(await one.accept(client('x'))).toMatchObject({ as: 'settled', settlement: { state: 'done', body: 'stored' } });
  });

  it('measures runs, and keeps the mean of the recent', async () => {
    for (const ranMs of [100, 200]) await one.finish(await one.take(await one.offered()), { ranMs });
    expect(await one.accept()).toMatchObject({ pace: { avgRunMs: 105, slots: 4 } });
  });

  describe('callers', () => {
    it('sends the outcome to the other replicas that wait, whole', async () => {
      const [two, three] = [await bed.opened('two'), await bed.opened('three')];
      const heard = await Promise.all([one, two, three].map((replica) => replica.listen()));
      const offer = await one.offered(client('x'));
      await two.accept(client('x'));
      await three.finish(await three.take(offer), await done({ lit: [true] }));
      await eventually(() => heard[0]!.length === 1 && heard[1]!.length === 1);
      expect(heard[2]).toEqual([]);
      expect(heard[0]).toMatchObject([{ is: 'settled', settlement: { id: 'x', state: 'done', body: 'inline' } }]);
      const [message] = heard[0]!;
      expect(message?.is === 'settled' && message.body?.toString()).toBe('{"lit":[true]}');
    });

    it('sends a large outcome by its id, and keeps it long enough to be fetched', async () => {
      const two = await bed.opened('two');
      const heard = await one.listen();
      const offer = await one.offered();
      const large = {
        state: 'done',
        why: '',
        begun: true,
        ranMs: 1,
        body: { bytes: Buffer.alloc(100_000, 7), textBytes: 1_000_000 },
      } as const;
      await two.finish(await two.take(offer), large);
      await eventually(() => heard.length === 1);
      expect(heard[0]).toMatchObject({ settlement: { body: 'stored', bodyBytes: 1_000_000 } });
      expect(await one.gate.body(offer.id)).toHaveLength(100_000);
    });

    it('cancels what waits or is only claimed when the last replica leaves', async () => {
      const two = await bed.opened('two');
      const offer = await one.offered({ ...client('x'), ...exclusive('house/lamp') });
      await two.accept(client('x'));
      const behind = await one.accept(exclusive('house/lamp'));
      expect(behind).toMatchObject({ effects: { offers: [] } });
      expect(await one.gate.leave('x', 'left')).toEqual({ as: 'detached', kind: 'write', phase: 'waiting' });
      const handOut = await one.take(offer);
      expect(await two.gate.leave('x', 'left')).toMatchObject({
        as: 'cancelled',
        effects: { offers: [{ as: 'new' }], settled: [{ state: 'cancelled', begun: false }] },
      });
      expect(await two.gate.leave('x', 'left')).toMatchObject({ as: 'settled', settlement: { state: 'cancelled' } });
      expect(await one.gate.begin(handOut)).toEqual({ as: 'no', why: 'settled' });
      expect(await one.gate.leave('nobody', 'left')).toEqual({ as: 'gone' });
    });

    it('tells the holder of a read when nobody waits any more, and runs it again for who joins meanwhile', async () => {
      const two = await bed.opened('two');
      const heard = await two.listen();
      const handOut = await two.take(await one.offered(shared('x')));
      expect(await one.gate.leave('x', 'left')).toEqual({ as: 'running', kind: 'read', phase: 'begun' });
      await eventually(() => heard.length === 1);
      expect(heard).toEqual([{ is: 'cancel', id: 'x', holder: handOut.holder }]);

      expect(await one.accept(shared('x'))).toMatchObject({ as: 'joined' });
      const cancelled = { state: 'cancelled', body: undefined } as const;
      const again = await two.finish(handOut, cancelled);
      expect(again).toMatchObject({ as: 'again', effects: { offers: [{ as: 'new', id: 'x' }] } });
      const second = await two.take(again.as === 'again' ? again.effects.offers[0]! : handOut);
      await one.gate.leave('x', 'left');
      expect(await two.finish(second, cancelled)).toMatchObject({ as: 'ok', settlement: { state: 'cancelled' } });
    });

    it('runs a read again that was stopped at its deadline when somebody with time left has joined it since, and no other', async () => {
      const stopped = { state: 'failed', why: 'deadline' } as const;
      const handOut = await one.take(await one.offered({ ...shared('x'), budgetMs: 300 }));
      await one.accept({ ...shared('x'), budgetMs: 600 });
      const again = await one.finish(handOut, stopped);
      expect(again).toMatchObject({ as: 'again', effects: { offers: [{ as: 'new', id: 'x' }] } });
      const second = await one.take(again.as === 'again' ? again.effects.offers[0]! : handOut);
      const startedAt = performance.now();
      await eventually(() => performance.now() - startedAt > 600);
      expect(await one.finish(second, stopped)).toMatchObject({ as: 'ok', settlement: { state: 'failed', begun: true } });

      const failed = await one.take(await one.offered(shared('y')));
      expect(await one.finish(failed, { ...stopped, why: 'upstream_timeout' })).toMatchObject({ as: 'ok' });
    });

    it('tells the origin of a result whose record Redis has lost', async () => {
      const two = await bed.opened('two');
      const heard = await one.listen();
      const handOut: HandOutKey = { id: 'lost', turn: 7, holder: 'two#1' };
      expect(await two.gate.finish(handOut, await done('late'), 'one')).toEqual({ as: 'gone' });
      await eventually(() => heard.length === 1);
      expect(heard[0]).toMatchObject({ settlement: { id: 'lost', state: 'done', body: 'inline' } });
    });

    it('peeks at many ids: who is over, who is open and in whose hands, and who is unknown', async () => {
      const { id, turn } = await one.offered();
      const over = await one.take(await one.offered());
      await one.finish(over);
      const peeked = await one.gate.peek([{ id }, { id: over.id }, { id: 'unknown' }]);
      expect(peeked).toMatchObject({ epoch: one.epoch, settled: [{ id: over.id, state: 'done' }], missing: ['unknown'] });
      expect(peeked.open).toMatchObject([{ id, turn, holder: '' }]);
    });

    it('peeks at one call and tells nothing of another that has its id, open or over', async () => {
      const { key } = client('mine', 'one hash');
      const open = await one.offered({ key });
      const asked = [{ id: open.id, hash: 'other hash' }];
      const nothing = { settled: [], open: [], missing: [], conflicting: [open.id] };
      expect(await one.gate.peek(asked)).toMatchObject(nothing);
      expect(await one.gate.peek([{ id: open.id, hash: 'one hash' }])).toMatchObject({ open: [{ id: open.id }], conflicting: [] });
      await one.finish(await one.take(open));
      expect(await one.gate.peek(asked)).toMatchObject(nothing);
    });
  });

  describe('what is kept', () => {
    it('replays a large write as omitted, and runs a large read again', async () => {
      const large = await done('x'.repeat(300_000));
      await one.finish(await one.begun(await one.offered({ ...client('write'), ...exclusive('house/lamp') })), large);
      expect(await one.accept(client('write'))).toMatchObject({ as: 'settled', settlement: { body: 'omitted', bodyBytes: 300_002 } });
      await one.finish(await one.take(await one.offered(client('read'))), large);
      expect(await one.accept(client('read'))).toMatchObject({ as: 'queued' });
    });

    it('counts stored bodies, and stops keeping them at 64 MB in all', async () => {
      await one.finish(await one.take(await one.offered(client('x'))));
      expect(await one.gate.stats()).toMatchObject({ storedBytes: 4 });
      await bed.redis.set(bed.key('bytes'), 67_108_863);
      await one.finish(await one.take(await one.offered(client('y'))));
      expect(await one.accept(client('y'))).toMatchObject({ as: 'queued' });
      await bed.redis.set(bed.key('bytes'), 4);
    });

    it('takes no more room for an id that ran again', async () => {
      for (let run = 0; run < 3; run += 1) {
        const offer = await one.offered({ ...client('x'), ...exclusive('house/lamp') });
        await one.finish(await one.take(offer), { state: 'failed', begun: false });
      }
      expect((await one.gate.stats()).storedBytes).toBe(4);
    });

    it.each([
      ['a call by its own id', client('x'), 300_000],
      ['an equal read', shared('x'), 40_000],
      ['a call that nobody can repeat', {}, 40_000],
    ])('remembers %s as long as it has to', async (_what, key, ms) => {
      const handOut = await one.take(await one.offered(key));
      await one.finish(handOut);
      const ttl = await bed.redis.pttl(bed.key(`j:${handOut.id}`));
      expect(ttl).toBeGreaterThan(ms - 2_000);
      expect(ttl).toBeLessThanOrEqual(ms);
      expect(await bed.redis.hget(bed.key(`j:${handOut.id}`), 'payload')).toBe('');
    });
  });
});
