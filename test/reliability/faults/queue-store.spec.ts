import { Logger } from '@nestjs/common';
import type { Outcome } from '../../../src/call/outcome.js';
import type { Job, Verdict } from '../../../src/queue/work-queue.js';
import { eventually } from '../../support/eventually.js';
import { QueueBed, type QueueReplica } from '../../support/queue-bed.js';
import { SHORT_TIMES } from '../../support/queue-times.js';
import { aRedisServer, type RedisServer } from '../../support/redis-server.js';
import { client, read, sharedRead, write } from '../../support/work-queue-kit.js';

/** F6, F7, F8, F11, F12, F14, F27: Redis dies, forgets, is away or was never there; replicas come and go. */
describe('The queue, when', () => {
  let server: RedisServer;
  let bed: QueueBed;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    server = await aRedisServer({ appendfsync: 'always' });
    bed = new QueueBed(server);
  });
  afterEach(async () => {
    await bed.close();
    await server.close();
  });

  it('Redis is killed with 120 calls in flight, and comes back, answers all of them and runs no write twice', async () => {
    const runs = new Map<string, number>();
    const replicas = [await bed.replica(), await bed.replica(), await bed.replica()];
    for (const replica of replicas) replica.consume(4, (job) => runFor(20, job, runs));
    const specs = [...Array(120).keys()].map((n) => {
      const over = { ...client(`aof ${n}`), budgetMs: 25_000, retry: { attempts: 3, baseMs: 1, maxMs: 10 } };
      return n % 2 ? write(`house/${n % 7}`, over) : read(over);
    });
    const tickets = await Promise.all(specs.map((spec, n) => replicas[n % 3]!.submit(spec)));
    await eventually(() => runs.size > 10);
    await server.kill();
    await server.restart();
    const outcomes = await Promise.all(tickets.map(({ outcome }) => outcome));
    expect(outcomes.filter(({ state }) => state !== 'done')).toEqual([]);
    const writes = specs.filter(({ kind }) => kind === 'write').map(({ key }) => runs.get(key.id));
    expect(writes).toEqual(writes.map(() => 1));
  }, 60_000);

  it('Redis is killed and stays away for longer than callers can wait, answers each by his own deadline and runs nothing twice', async () => {
    const runs = new Map<string, number>();
    const replicas = [await bed.replica(), await bed.replica()];
    for (const replica of replicas) replica.consume(4, (job) => runFor(20, job, runs));
    const asked = await Promise.all(
      [...Array(60).keys()].map(async (n) => {
        const over = { ...client(`away ${n}`), budgetMs: 500 + 20 * n };
        const deadline = performance.now() + over.budgetMs;
        const { outcome } = await replicas[n % 2]!.submit(n % 3 ? write(`house/${n % 5}`, over) : read(over));
        return {
          id: over.key.id,
          isWrite: n % 3 > 0,
          answered: outcome.then(({ state }) => ({ state, lateMs: performance.now() - deadline })),
        };
      }),
    );
    await eventually(() => runs.size > 5);
    await server.kill();
    const answers = await Promise.all(asked.map(({ answered }) => answered));
    expect(answers.filter(({ lateMs }) => lateMs > 1_000)).toEqual([]);
    expect(answers.filter(({ state }) => state !== 'done')).not.toEqual([]);
    await server.restart();
    const isBack = async () => (await replicas[0]!.submit(read()).catch(() => undefined)) !== undefined;
    await eventually(isBack, Boolean, 10_000);
    expect(asked.filter(({ id, isWrite }) => isWrite && (runs.get(id) ?? 0) > 1)).toEqual([]);
  }, 60_000);

  it('Redis is emptied, tells a write unknown and runs a read again', async () => {
    const [front, worker] = [await bed.replica(), await bed.replica()];
    worker.consume(2);
    const begun = await front.submit(write('house/lamp', { budgetMs: 20_000 }));
    await worker.run(begun);
    worker.setSlots(1);
    const waitingWrite = await front.submit(write('house/door', { budgetMs: 20_000 }));
    const waitingRead = await front.submit(read({ budgetMs: 20_000 }));
    await bed.admin.flushall();
    const emptiedAt = performance.now();
    for (const { outcome } of [begun, waitingWrite]) expect(await outcome).toMatchObject({ state: 'unknown' });
    expect(performance.now() - emptiedAt).toBeLessThan(4_000);
    worker.setSlots(2);
    (await worker.run(waitingRead)).finish('again');
    expect(await waitingRead.outcome).toMatchObject({ state: 'done', result: 'again' });
    expect(front.count('roll_call') + worker.count('roll_call')).toBeGreaterThan(0);
    await eventually(async () => (await front.submit(write('house/lamp')).catch(() => undefined)) !== undefined, Boolean, 10_000);
  }, 40_000);

  it('Redis is emptied, runs a shared read again for as long as the most patient of its callers waits', async () => {
    const front = (await bed.replica()).consume(0);
    const hurried = await front.submit(sharedRead('both', { budgetMs: 3_000 }));
    const patient = await front.submit(sharedRead('both', { budgetMs: 20_000 }));
    await bed.admin.flushall();
    await hurried.outcome;
    front.setSlots(1);
    (await front.run(patient)).finish('in time');
    expect(await patient.outcome).toMatchObject({ state: 'done', result: 'in time' });
  }, 40_000);

  it('Redis is emptied while a write ends, tells its true end', async () => {
    const [front, worker] = [await bed.replica(), await bed.replica()];
    worker.consume(1);
    const begun = await front.submit(write('house/lamp', { budgetMs: 20_000 }));
    const run = await worker.run(begun);
    await bed.admin.flushall();
    run.finish('true');
    expect(await begun.outcome).toMatchObject({ state: 'done', result: 'true' });
  }, 30_000);

  it('Redis is away, refuses at once, answers running calls from memory, and is there again by itself', async () => {
    const replica = (await bed.replica()).consume(1);
    const ticket = await replica.submit(write('house/lamp', { budgetMs: 20_000 }));
    const run = await replica.run(ticket);
    await replica.path.refuse();
    await eventually(() => replica.redis.away() !== undefined);
    expect(replica.queue.ready()).toMatchObject({ ok: false });
    const refusedAt = performance.now();
    await expect(replica.submit(write('house/door'))).rejects.toMatchObject({ reason: 'store_away' });
    expect(performance.now() - refusedAt).toBeLessThan(50);
    run.finish('from memory');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'from memory' });
    await replica.path.accept();
    await eventually(() => replica.queue.ready().ok, Boolean, 10_000);
    const next = await replica.submit(write('house/lamp', { budgetMs: 20_000 }));
    (await replica.run(next)).finish();
    expect(await next.outcome).toMatchObject({ state: 'done' });
  }, 30_000);

  it('the way to Redis swallows everything, answers each caller by his own time', async () => {
    const replica = (await bed.replica()).consume(1);
    const running = await replica.submit(write('house/lamp', { budgetMs: 1_500 }));
    const run = await replica.run(running);
    const waiting = await replica.submit(write('house/lamp', { budgetMs: 1_500 }));
    const waitingRead = await replica.submit(read({ budgetMs: 1_500 }));
    replica.path.blackHole();
    const cutAt = performance.now();
    const doubtful = await replica.submit(write('house/door', { budgetMs: 1_500 })).catch((error: unknown) => error);
    expect(doubtful).toMatchObject({ reason: expect.stringMatching(/^(store_away|outcome_unknown)$/) as string });
    expect(await running.outcome).toMatchObject({ state: 'unknown', reason: 'deadline' });
    expect(await waiting.outcome).toMatchObject({ state: 'unknown', reason: 'store_away' });
    expect(await waitingRead.outcome).toMatchObject({ state: 'failed', error: { name: 'store_away' } });
    expect(performance.now() - cutAt).toBeLessThan(3_500);
    run.end({ as: 'unknown', reason: 'deadline' });
  }, 30_000);

  it('Redis was never there, lives, is not ready, says why, and joins when it appears', async () => {
    await server.kill();
    const replica = (await bed.replica()).consume(1);
    expect(replica.queue.ready()).toMatchObject({ ok: false, reason: expect.stringContaining('Redis') as string });
    await expect(replica.submit(write('house/lamp'))).rejects.toMatchObject({ reason: 'store_away' });
    await server.restart();
    await eventually(() => replica.queue.ready().ok, Boolean, 15_000);
    const ticket = await replica.submit(write('house/lamp'));
    (await replica.run(ticket)).finish('joined');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'joined' });
  }, 40_000);

  it('BullMQ has lost a job, hands it out all the same, once', async () => {
    const replica = await bed.replica();
    const ticket = await replica.submit(write('house/lamp', { budgetMs: 15_000 }));
    await eventually(async () => (await bed.admin.zcard(`{${bed.prefix}}:calls-house:prioritized`)) === 1);
    const bullKeys = await bed.admin.keys(`{${bed.prefix}}:calls-house*`);
    await bed.admin.del(bullKeys);
    replica.consume(1);
    (await replica.run(ticket)).finish();
    expect(await ticket.outcome).toMatchObject({ state: 'done', attempts: 1 });
    expect(replica.count('reoffered')).toBeGreaterThan(0);
    expect(replica.handedOut).toHaveLength(1);
  }, 30_000);

  it('two releases share one Redis, leaves a record to the one that knows it', async () => {
    const older = (await bed.replica()).consume(1);
    const newer = await bed.replica({ ...SHORT_TIMES, recordVersion: 2 });
    const ticket = await newer.submit(write('house/lamp', { budgetMs: 20_000 }));
    await eventually(() => older.events.some((event) => event.is === 'put_back' && event.why === 'foreign_version'));
    newer.consume(1);
    (await newer.run(ticket)).finish('by the newer');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'by the newer', attempts: 1 });
    expect(older.handedOut).toHaveLength(0);
  }, 40_000);

  it('Redis is full, refuses new calls, lets those under way end, and goes on when there is room', async () => {
    const replica = (await bed.replica()).consume(1);
    const running = await replica.submit(write('house/lamp', { budgetMs: 20_000 }));
    const waiting = await replica.submit(write('house/lamp', { budgetMs: 20_000 }));
    const run = await replica.run(running);
    await bed.admin.config('SET', 'maxmemory', '1mb');
    await expect(replica.submit(write('house/door'))).rejects.toMatchObject({ reason: 'store_away', data: { outcome: 'not_started' } });
    run.finish('recorded');
    expect(await running.outcome).toMatchObject({ state: 'done', result: 'recorded' });
    await bed.admin.config('SET', 'maxmemory', '0');
    (await replica.run(waiting)).finish('afterwards');
    expect(await waiting.outcome).toMatchObject({ state: 'done', result: 'afterwards' });
  }, 40_000);

  it('replicas leave one after the other under load, loses nothing and leaves nothing unknown', async () => {
    const runs = new Map<string, number>();
    const replicas: QueueReplica[] = [await bed.replica(), await bed.replica(), await bed.replica()];
    for (const replica of replicas) replica.consume(2, (job) => runFor(30, job, runs));
    const outcomes: Promise<Outcome | 'refused'>[] = [];
    const survivor = replicas[0]!;
    for (const leaving of [replicas[2]!, replicas[1]!]) {
      for (let call = 0; call < 20; call += 1) {
        const from = call % 2 ? leaving : survivor;
        const ticket = await from.submit(write(`house/${call % 5}`, { budgetMs: 20_000 }));
        outcomes.push(ticket.outcome);
      }
      await leaving.queue.close(10_000);
    }
    expect((await Promise.all(outcomes)).filter((outcome) => outcome === 'refused' || outcome.state !== 'done')).toEqual([]);
    expect([...runs.values()].every((count) => count === 1)).toBe(true);
  }, 60_000);
});

/** A write or read that takes so long. */
async function runFor(ms: number, job: Job, runs: Map<string, number>): Promise<Verdict> {
  if (!(await job.begin())) return { as: 'put_back', reason: 'lost', afterMs: 0 };
  runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
  const start = performance.now();
  await eventually(() => performance.now() - start >= ms);
  return { as: 'done', result: job.id };
}
