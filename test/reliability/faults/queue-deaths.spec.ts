import { Logger } from '@nestjs/common';
import { laneAt } from '../../../src/queue/lane-name.js';
import type { Ticket } from '../../../src/queue/work-queue.js';
import { eventually } from '../../support/eventually.js';
import { QueueBed, type QueueReplica } from '../../support/queue-bed.js';
import { aRedisServer, type RedisServer } from '../../support/redis-server.js';
import { client, read, write } from '../../support/work-queue-kit.js';

const LEASE_MS = 1_500;

/** F13, F15, F16: a worker that dies, freezes, or is cut from Redis, with a lease of 1.5 s. */
describe('When a worker', () => {
  let server: RedisServer;
  let bed: QueueBed;
  let front: QueueReplica;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await aRedisServer();
  });
  beforeEach(async () => {
    bed = new QueueBed(server);
    front = await bed.replica();
  });
  afterEach(() => bed.close());
  afterAll(() => server.close());

  it('is killed, its begun writes end unknown, the next write of each lamp runs, and its reads run again', async () => {
    const worker = await bed.process(8);
    const retry = { attempts: 3, baseMs: 1, maxMs: 1 };
    const lamps = ['a', 'b', 'c', 'd'];
    const writes = await all(lamps, (lamp) => front.submit(write(`house/${lamp}`, { budgetMs: 20_000 })));
    const reads = await all(lamps, () => front.submit(read({ budgetMs: 20_000, retry })));
    for (const { id } of [...writes, ...reads]) await worker.has('begun', id);
    const next = await all(lamps, (lamp) => front.submit(write(`house/${lamp}`, { budgetMs: 20_000 })));
    await worker.kill();
    const killedAt = performance.now();

    front.consume(8);
    for (const { outcome } of writes) expect(await outcome).toMatchObject({ state: 'unknown', reason: 'lease_over' });
    expect(performance.now() - killedAt).toBeLessThan(2 * LEASE_MS + 2_000);
    for (const ticket of [...next, ...reads]) (await front.run(ticket)).finish('after all');
    for (const { outcome } of [...next, ...reads]) expect(await outcome).toMatchObject({ state: 'done', result: 'after all' });
    expect(front.handedOut).toHaveLength(8);
  }, 30_000);

  it('is killed between claim and begin, the write runs elsewhere, once', async () => {
    const worker = await bed.process(1);
    const ticket = await front.submit(write('house/lamp', { payload: 'claim_only', budgetMs: 20_000 }));
    await worker.has('claimed', ticket.id);
    await worker.kill();
    front.consume(1);
    (await front.run(ticket)).finish('elsewhere');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'elsewhere', attempts: 1 });
    expect(front.handedOut).toHaveLength(1);
  }, 30_000);

  it('was the only one that waited for a request, the request is cancelled and never runs', async () => {
    const other = await bed.replica();
    front.consume(1);
    await front.submit(write('house/lamp', { budgetMs: 20_000 }));
    const orphan = await other.submit(write('house/lamp', { budgetMs: 20_000 }));
    await other.path.refuse();
    await eventually(async () => (await bed.stateOf(orphan.id)) === 'cancelled', Boolean, 10_000);
    front.handedOut[0]!.finish();
    await eventually(async () => (await front.queue.stats(AbortSignal.timeout(1_000))).running === 0);
    expect(front.handedOut).toHaveLength(1);
  }, 30_000);

  it.each(['leaves', 'is cut off for ever'])(
    '%s, nothing of the lane that only it could serve is left behind',
    async (how) => {
      const owner = await bed.replica();
      const lane = laneAt('house', owner.redis.replica);
      owner.queue.consume(lane, 1, async (job) => ({ as: 'done', result: await job.begin() }));
      const ticket = await front.submit({ ...write('house/lamp', { budgetMs: 20_000 }), lane });
      expect(await ticket.outcome).toMatchObject({ state: 'done' });
      expect(await bed.admin.keys(`{${bed.prefix}}:*@*`)).not.toEqual([]);
      if (how === 'leaves') await owner.close();
      else await owner.path.refuse();
      await eventually(
        () => bed.admin.keys(`{${bed.prefix}}:*`),
        (keys) => !keys.some((key) => key.includes('@') || key === bed.key('ended')),
        10_000,
      );
    },
    30_000,
  );

  it('is frozen past its lease, it begins nothing when it wakes, and its late truth is stored', async () => {
    const worker = await bed.process(2);
    const spec = write('house/lamp', { ...client('late truth'), budgetMs: 20_000 });
    const late = await front.submit(spec);
    await worker.has('begun', late.id);
    const claimed = await front.submit(write('house/door', { payload: 'claim_only', budgetMs: 20_000 }));
    await worker.has('claimed', claimed.id);
    worker.freeze();
    expect(await late.outcome).toMatchObject({ state: 'unknown' });
    front.consume(2);
    (await front.run(claimed)).finish('elsewhere');
    expect(await claimed.outcome).toMatchObject({ state: 'done', result: 'elsewhere' });

    worker.finish(late.id);
    worker.finish(claimed.id);
    worker.thaw();
    await worker.has('refused', claimed.id);
    await worker.has('ended', late.id);
    expect(worker.steps.find(({ step, id }) => step === 'ended' && id === late.id)).toMatchObject({ held: false });
    const told = await eventually(
      async () => (await front.submit(spec)).outcome,
      ({ state }) => state === 'done',
    );
    expect(told).toMatchObject({ state: 'done' });
    expect(front.handedOut).toHaveLength(1);
  }, 30_000);

  it('is cut from Redis, it has given up before its successor begins, and is itself again afterwards', async () => {
    const worker = (await bed.replica()).consume(2);
    const cut = await front.submit(write('house/lamp', { budgetMs: 20_000 }));
    const run = await worker.run(cut);
    const owed = await front.submit(write('house/door', { budgetMs: 300, holdMs: 60_000 }));
    const owing = await worker.run(owed);
    expect(await owed.outcome).toMatchObject({ state: 'unknown', reason: 'deadline' });
    const successor = await front.submit(write('house/lamp', { budgetMs: 20_000 }));
    front.consume(1);
    worker.path.blackHole();
    let fencedAt = Number.POSITIVE_INFINITY;
    run.job.revoked.addEventListener('abort', { handleEvent: () => (fencedAt = performance.now()) });
    const next = await front.run(successor);
    expect([run.abortReason, owing.abortReason]).toEqual(['lease_lost', 'deadline']);
    expect([run.job.revoked.aborted, owing.job.revoked.aborted]).toEqual([true, true]);
    expect(run.job.held()).toBe(false);
    expect(fencedAt).toBeLessThan(next.at);
    expect(worker.count('self_fenced')).toBe(2);
    for (const given of [run, owing]) given.end({ as: 'unknown', reason: 'lease_lost' });
    expect(await cut.outcome).toMatchObject({ state: 'unknown' });
    next.finish();
    expect(await successor.outcome).toMatchObject({ state: 'done' });

    worker.path.heal();
    await eventually(() => worker.queue.ready().ok, Boolean, 15_000);
    front.setSlots(0);
    const again = await front.submit(write('house/lamp', { budgetMs: 20_000 }));
    (await worker.run(again)).finish('healed');
    expect(await again.outcome).toMatchObject({ state: 'done', result: 'healed' });
  }, 40_000);
});

async function all<T>(list: readonly T[], each: (one: T) => Promise<Ticket>): Promise<readonly Ticket[]> {
  const tickets: Ticket[] = [];
  for (const one of list) tickets.push(await each(one));
  return tickets;
}
