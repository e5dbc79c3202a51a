import { client, done, exclusive, GateBed, shared } from '../../../test/support/gate-kit.js';
import { aRedis } from '../../../test/support/redis-server.js';
import type { Priority } from '../../call/priority.js';
import { Gate } from './gate.js';

describe(`${Gate.name}: acceptance`, () => {
  let redis: Awaited<ReturnType<typeof aRedis>>;
  let bed: GateBed;

  beforeAll(async () => {
    redis = await aRedis();
  });
  beforeEach(() => {
    bed = new GateBed(redis.url);
  });
  afterEach(() => bed.closeConsistent());
  afterAll(() => redis.close());

  it('accepts nothing before somebody has looked what Redis remembers', async () => {
    const one = bed.replica('one');
    expect(await one.accept()).toEqual({ as: 'no_epoch' });
    await one.sweep();
    expect(await one.accept()).toMatchObject({ as: 'queued', ahead: 0, pace: { avgRunMs: 0, slots: 4 } });
  });

  it('numbers requests in order of acceptance and tells how many are served before', async () => {
    const one = await bed.opened('one');
    const answers = [];
    for (const priority of [4, 2, 0, 2] as const) answers.push(await one.accept({ priority }));
    const accepted = answers.map((answer) => (answer.as === 'queued' ? answer : undefined)!);
    expect(accepted.map(({ ahead }) => ahead)).toEqual([0, 0, 0, 2]);
    expect(accepted.map(({ seq }) => seq)).toEqual(accepted.map(({ seq }) => seq).sort((some, other) => some - other));
  });

  it('joins the same client id while it is open, replays it once it is over, and refuses it for another call', async () => {
    const [one, two] = [await bed.opened('one'), await bed.opened('two')];
    const offer = await one.offered({ ...client('x'), ...exclusive('house/lamp') });
    const joined = await two.accept({ ...client('x'), ...exclusive('house/lamp') });
    expect(joined).toMatchObject({ as: 'joined', ahead: 0, effects: { offers: [] } });
    expect(await two.accept({ ...client('x', 'other') })).toEqual({ as: 'conflict' });

    await one.finish(await one.begun(offer));
    expect(await two.accept({ ...client('x', 'other') })).toEqual({ as: 'conflict' });
    expect(await two.accept(client('x'))).toMatchObject({ as: 'settled', settlement: { state: 'done', body: 'stored', attempts: 1 } });
    expect((await two.gate.body('x'))?.toString()).toBe('"ok"');
  });

  it('neither joins nor replays equal shared reads once they are over', async () => {
    const one = await bed.opened('one');
    const offer = await one.offered(shared('x'));
    expect(await one.accept(shared('x'))).toMatchObject({ as: 'joined' });
    await one.finish(await one.take(offer));
    expect(await one.accept(shared('x'))).toMatchObject({ as: 'queued' });
  });

  it('does not join a read that began before a write was answered, and joins one that waits', async () => {
    const one = await bed.opened('one');
    const old = await one.take(await one.offered(shared('state')));
    const waiting = await one.offered(shared('later'));
    await one.finish(await one.begun(await one.offered(exclusive('house/lamp'))));
    expect(await one.accept(shared('state'))).toEqual({ as: 'behind', generation: 1 });
    expect(await one.accept(shared('state.1'))).toMatchObject({ as: 'queued' });
    expect(await one.accept(shared(waiting.id))).toMatchObject({ as: 'joined' });
    await one.finish(old);
  });

  it.each(['expired', 'cancelled', 'failed before it began', 'failed read'] as const)('runs an id again that is %s', async (ending) => {
    const one = await bed.opened('one');
    const isRead = ending === 'failed read';
    const terms = { ...client('x'), ...(isRead ? {} : exclusive('house/lamp')) };
    const offer = await one.offered(terms);
    if (ending === 'expired') await one.gate.leave('x', 'deadline');
    else if (ending === 'cancelled') await one.gate.leave('x', 'left');
    else await one.finish(await one.take(offer), { state: 'failed', begun: isRead });
    expect(await one.accept({ ...client('x', 'other') })).toEqual({ as: 'conflict' });
    expect((await one.offered(terms)).turn).toBeGreaterThan(offer.turn);
  });

  it('answers unknown for an unknown write, and failed for one that had begun', async () => {
    const one = await bed.opened('one');
    for (const state of ['unknown', 'failed'] as const) {
      const offer = await one.offered({ ...client(state), ...exclusive('house/lamp') });
      await one.finish(await one.begun(offer), { state, why: 'lost' });
      expect(await one.accept(client(state))).toMatchObject({ as: 'settled', settlement: { state, why: 'lost', begun: true } });
    }
  });

  it('raises class and deadline for a joiner who is more urgent and more patient, and never lowers them', async () => {
    const one = await bed.opened('one');
    const offer = await one.offered({ ...client('x'), priority: 3, budgetMs: 1_000 });
    const urgent = await one.accept({ ...client('x'), priority: 1, budgetMs: 60_000 });
    const { id, turn } = offer;
    expect(urgent).toMatchObject({ as: 'joined', effects: { offers: [{ as: 'raised', id, turn, priority: 1 }] } });
    expect(await one.accept({ ...client('x'), priority: 4, budgetMs: 10 })).toMatchObject({ effects: { offers: [] } });
    const { answer } = await one.take(offer);
    expect(answer).toMatchObject({ as: 'go', priority: 3 });
    expect(answer.as === 'go' && answer.remainingMs).toBeGreaterThan(50_000);
  });

  it('counts who waits, not who runs, and lets the urgent in when the rest is shed', async () => {
    const one = await bed.opened('one', { house: 100 });
    const accept = (priority: Priority) => one.accept({ priority, maxSize: 20 });
    const fill = async (priority: Priority) => {
      let taken = 0;
      for (let answer = await accept(priority); answer.as === 'queued'; answer = await accept(priority)) taken += 1;
      return taken;
    };
    expect([await fill(4), await fill(3), await fill(2), await fill(1), await fill(0)]).toEqual([16, 4, 0, 1, 1]);
    expect(await accept(0)).toMatchObject({ as: 'full', waiting: 22, pace: { slots: 100 } });
    const { settled } = await one.gate.peek([]);
    expect(settled).toEqual([]);
  });

  it('accepts exactly 50 of 240 that three replicas send at one moment', async () => {
    const replicas = [await bed.opened('one'), await bed.opened('two'), await bed.opened('three')];
    const answers = await Promise.all(Array.from({ length: 240 }, (_, index) => replicas[index % 3]!.accept({ maxSize: 50 })));
    expect(answers.filter(({ as }) => as === 'queued')).toHaveLength(50);
    expect(answers.filter(({ as }) => as === 'full')).toHaveLength(190);
  });

  it('makes one execution of each of 100 ids that three replicas send at one moment', async () => {
    const replicas = [await bed.opened('one', { house: 100 }), await bed.opened('two'), await bed.opened('three')];
    const ids = Array.from({ length: 100 }, (_, index) => `id ${index}`);
    const answers = await Promise.all(replicas.flatMap((replica) => ids.map((id) => replica.accept(client(id)))));
    expect(answers.filter(({ as }) => as === 'queued')).toHaveLength(100);
    expect(answers.filter(({ as }) => as === 'joined')).toHaveLength(200);
  });

  it('refuses what arrives too late or from a clock that is ahead', async () => {
    const one = await bed.opened('one');
    const now = await bed.now();
    expect(await one.accept({ sentAt: now - 1_500 })).toEqual({ as: 'stale' });
    expect(await one.accept({ sentAt: now + 1_500 })).toEqual({ as: 'stale' });
    expect(await one.gate.stats()).toMatchObject({ waiting: 0 });
  });

  it('hands out at once where a slot is free, while nobody is offered', async () => {
    const one = await bed.opened('one');
    const reading = await one.accept({ ...client('read'), holder: 'one#a' });
    expect(reading).toMatchObject({ as: 'mine', attempt: 1 });
    const writing = await one.accept({ ...client('write'), ...exclusive('house/lamp'), holder: 'one#b' });
    expect(writing).toMatchObject({ as: 'mine', attempt: 1 });
    if (writing.as !== 'mine' || reading.as !== 'mine') throw new Error('not mine');
    const handOut = { id: 'write', turn: writing.turn, holder: 'one#b' };
    expect(await one.gate.begin(handOut)).toMatchObject({ as: 'go', attempt: 1 });

    expect(await one.accept({ ...exclusive('house/lamp'), holder: 'one#c' })).toMatchObject({ as: 'queued', effects: { offers: [] } });
    const offered = await one.offered();
    expect(await one.accept({ holder: 'one#d' })).toMatchObject({ as: 'queued' });
    await one.take(offered);
    expect(await one.finish(handOut)).toMatchObject({ as: 'ok' });
    expect(await one.gate.finish({ id: 'read', turn: reading.turn, holder: 'one#a' }, await done(1), 'one')).toMatchObject({ as: 'ok' });
  });

  it('keeps four calls of one share out and the others in order behind them, in each class for itself', async () => {
    const one = await bed.opened('one', { house: 1 });
    const greedy = [];
    for (let call = 0; call < 6; call += 1) greedy.push(await one.accept({ share: 'greedy' }));
    expect(greedy.map((answer) => answer.as === 'queued' && answer.effects.offers.length)).toEqual([1, 1, 1, 1, 0, 0]);
    await one.offered({ share: 'modest' });
    await one.offered({ share: 'greedy', priority: 1 });
    expect((await one.gate.stats()).parked).toEqual({ lock: 0, share: 2 });

    const [first] = greedy.flatMap((answer) => (answer.as === 'queued' ? answer.effects.offers : []));
    const finished = await one.finish(await one.take(first!));
    const fifth = greedy[4]!;
    expect(finished).toMatchObject({ as: 'ok', effects: { offers: [{ as: 'new', parked: { why: 'share' } }] } });
    expect(fifth.as).toBe('queued');
  });

  it('lets more of a share out when there are more slots', async () => {
    const one = await bed.opened('one', { house: 1 });
    for (let call = 0; call < 12; call += 1) await one.accept({ share: 'alone' });
    const { effects } = await one.sweep({ house: 5 });
    expect(effects.offers.map(({ as }) => as)).toEqual(Array.from({ length: 6 }, () => 'new'));
  });

  it('moves a call that waits for its share to the share of its new class', async () => {
    const one = await bed.opened('one', { house: 1 });
    for (let call = 0; call < 4; call += 1) await one.offered({ share: 'greedy' });
    await one.accept({ ...client('x'), share: 'greedy' });
    const raised = await one.accept({ ...client('x'), share: 'greedy', priority: 0 });
    expect(raised).toMatchObject({ as: 'joined', effects: { offers: [{ as: 'new', id: 'x', priority: 0 }] } });
  });
});
