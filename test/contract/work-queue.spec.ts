import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import type { Lock } from '../../src/call/call-plan.js';
import type { Outcome } from '../../src/call/outcome.js';
import type { Priority } from '../../src/call/priority.js';
import type { JobSpec } from '../../src/queue/work-queue.js';
import { cluster, embedded } from '../support/columns.js';
import { eventually } from '../support/eventually.js';
import { conflict } from '../support/lock-model.js';
import {
  aQueue,
  client,
  closeQueues,
  exclusive,
  type HandedOut,
  type QueueUnderTest,
  read,
  shared,
  sharedRead,
  write,
} from '../support/work-queue-kit.js';

const trouble = { name: 'upstream_unavailable', message: 'away', data: {} } as const;
const retry = { attempts: 3, baseMs: 1, maxMs: 2 };
/** A close with nothing to wait for takes a second at most. */
const LONGER_THAN_A_CLOSE_MS = 2000;

describe.each([embedded, cluster])('WorkQueue, $name', (column) => {
  beforeAll(async () => {
    Logger.overrideLogger(false);
    await column.open();
  });
  afterEach(closeQueues);
  afterAll(() => column.close());

  describe('order', () => {
    it('1 serves classes in order and FIFO inside each', async () => {
      const queue = await aQueue(column).withSlots(0).begin();
      const seqs = await submitAll(queue, [4, 2, 0, 3, 1, 2, 0]);
      queue.consumer.setSlots(1);
      expect(await queue.drainInOrder()).toEqual([2, 6, 4, 1, 5, 3, 0].map((index) => seqs[index]));
    });

    it('1 serves by arrival alone when priorities are off', async () => {
      const queue = await aQueue(column)
        .withSlots(0)
        .with({ config: { priorityEnabled: false } })
        .begin();
      const seqs = await submitAll(queue, [4, 2, 0, 3, 1]);
      queue.consumer.setSlots(1);
      expect(await queue.drainInOrder()).toEqual(seqs);
    });

    it('2 lets a waiting BULK request age while MEDIUM keeps coming, at most one in ten and never past CRITICAL', async () => {
      const queue = await aQueue(column)
        .with({ times: { ageingEveryMs: 0 } })
        .begin();
      const first = await queue.submit(read());
      const bulk = await Promise.all([0, 1, 2].map(() => queue.submit(read({ priority: 4, budgetMs: 2_400 }))));
      const isBulk = (seq: number) => bulk.some((ticket) => ticket.seq === seq);
      expect((await queue.next()).seq).toBe(first.seq);
      const start = performance.now();
      await eventually(() => performance.now() - start > 620);

      const order: number[] = [];
      for (let round = 0; round < 25; round += 1) {
        await queue.submit(read({ budgetMs: 5_000 }));
        queue.running[0]!.finish();
        order.push((await queue.next()).seq);
      }
      const ages = order.flatMap((seq, index) => (isBulk(seq) ? [index] : []));
      expect(ages).toHaveLength(2);
      expect(ages[1]! - ages[0]!).toBeGreaterThanOrEqual(10);

      for (let settled = 0; settled < 9; settled += 1) {
        await queue.submit(read({ priority: 0 }));
        queue.running[0]!.finish();
        expect(isBulk((await queue.next()).seq)).toBe(false);
      }
    });

    it('8 runs writes on one path one at a time in order of acceptance, whatever their class, and other paths beside them', async () => {
      const queue = await aQueue(column).withSlots(8).begin();
      const same = [];
      for (const priority of [2, 4, 0, 1] as const) same.push(await queue.submit(write('house/lamp', { priority })));
      const other = await queue.submit(write('house/door'));
      expect([(await queue.next()).seq, (await queue.next()).seq]).toEqual([same[0]!.seq, other.seq]);
      await queue.isQuiet();

      expect((await queue.drainInOrder()).length).toBe(3);
      expect(queue.handedOut.map(({ seq }) => seq).filter((seq) => seq !== other.seq)).toEqual(same.map(({ seq }) => seq));
      expect(queue.overlaps).toEqual([]);
    });

    it('9 runs random path sets exactly as a model of conflicts says, without overlap or deadlock', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(pathSets, { minLength: 1, maxLength: 9 }),
          fc.array(fc.nat(), { maxLength: 9 }),
          async (sets, choices) => {
            const queue = await aQueue(column).withSlots(sets.length).begin();
            const tickets = [];
            for (const locks of sets) tickets.push(await queue.submit(write('house', { locks })));
            const open = new Map(tickets.map(({ seq }, index) => [seq, sets[index]!]));
            for (let step = 0; open.size > 0; step += 1) {
              await eventually(
                () => queue.running.map(({ seq }) => seq).sort((a, b) => a - b),
                (running) => running.join() === free(open).join(),
              );
              const { running } = queue;
              const chosen = running[(choices[step] ?? 0) % running.length]!;
              chosen.finish();
              open.delete(chosen.seq);
            }
            expect(queue.overlaps).toEqual([]);
            await closeQueues();
          },
        ),
        { numRuns: column.rounds },
      );
    }, 30_000);

    it('10 lets no later S pass a waiting X', async () => {
      const queue = await aQueue(column).withSlots(4).begin();
      const order = [];
      for (const lock of [shared('house/lamps'), exclusive('house/lamps'), shared('house/lamps')]) {
        order.push((await queue.submit(write('', { locks: [lock] }))).seq);
      }
      await queue.next();
      await queue.isQuiet();
      expect(await queue.drainInOrder()).toEqual(order.slice(1));
    });

    it('11 makes a group wait for its running members and holds later members back', async () => {
      const queue = await aQueue(column).withSlots(8).begin();
      await queue.submit(write('house/lamps/a'));
      await queue.submit(write('house/lamps/b'));
      const group = await queue.submit(write('house/lamps'));
      const later = await queue.submit(write('house/lamps/c'));
      const members = [await queue.next(), await queue.next()];
      await queue.isQuiet();

      members[0]!.finish();
      await queue.isQuiet();
      members[1]!.finish();
      const third = await queue.next();
      expect(third.seq).toBe(group.seq);
      await queue.isQuiet();
      third.finish();
      expect((await queue.next()).seq).toBe(later.seq);
    });

    it('12 moves the line on when a parked request expires or is cancelled', async () => {
      const queue = await aQueue(column).withSlots(4).begin();
      await queue.submit(write('', { locks: [shared('house/lamps')] }));
      await queue.next();
      const leaver = new AbortController();
      const expiring = await queue.submit(write('house/lamps', { budgetMs: 40 }));
      const cancelled = await queue.submit(write('house/lamps'), leaver.signal);
      const last = await queue.submit(write('', { locks: [shared('house/lamps')] }));
      await queue.isQuiet();

      expect(await expiring.outcome).toMatchObject({ state: 'not_started', reason: 'queue_timeout' });
      await queue.isQuiet();
      leaver.abort();
      expect(await cancelled.outcome).toMatchObject({ state: 'not_started', reason: 'cancelled' });
      expect((await queue.next()).seq).toBe(last.seq);
    });
  });

  describe('identity', () => {
    it('3 makes one execution and three equal outcomes of the same client id at once, and replays it later', async () => {
      const queue = await aQueue(column).begin();
      const spec = write('house/lamp', client('three'));
      const tickets = await Promise.all([queue.submit(spec), queue.submit(spec), queue.submit(spec)]);
      expect(tickets.map(({ how }) => how).sort()).toEqual(['joined', 'joined', 'queued']);
      (await queue.next()).finish({ lit: true });
      const outcomes = await Promise.all(tickets.map(({ outcome }) => outcome));
      expect(outcomes[0]).toMatchObject({ state: 'done', result: { lit: true }, attempts: 1 });
      expect(outcomes[1]).toEqual(outcomes[0]);
      expect(outcomes[2]).toEqual(outcomes[0]);

      const replayed = await queue.submit(spec);
      expect(replayed).toMatchObject({ how: 'replayed', seq: tickets[0].seq });
      expect(await replayed.outcome).toEqual(outcomes[0]);
      await queue.isQuiet();
    });

    it('4 refuses the same id with another hash, open and settled', async () => {
      const queue = await aQueue(column).begin();
      const ticket = await queue.submit(write('house/lamp', client('reused')));
      const other = write('house/lamp', client('reused', 'other'));
      await expect(queue.submit(other)).rejects.toMatchObject({ reason: 'request_id_reused' });
      (await queue.next()).finish();
      await ticket.outcome;
      await expect(queue.submit(other)).rejects.toMatchObject({ reason: 'request_id_reused' });
    });

    it('5 treats the equal request id of another principal, which is another id, as another request', async () => {
      const queue = await aQueue(column).withSlots(2).begin();
      await queue.submit(read(client('one principal')));
      expect(await queue.submit(read(client('another principal')))).toMatchObject({ how: 'queued' });
      expect((await queue.next()).job.id).not.toBe((await queue.next()).job.id);
    });

    it('6 runs equal shared reads once, and again once they are settled', async () => {
      const queue = await aQueue(column).withSlots(4).begin();
      const first = await queue.submit(sharedRead('equal'));
      const second = await queue.submit(sharedRead('equal'));
      expect(second.how).toBe('joined');
      (await queue.next()).finish([1]);
      expect(await second.outcome).toEqual(await first.outcome);
      expect((await queue.submit(sharedRead('equal'))).how).toBe('queued');
      await queue.next();
    });

    it('7 does not join a read that began before a write was answered', async () => {
      const queue = await aQueue(column).withSlots(4).begin();
      const old = await queue.submit(sharedRead('state'));
      const oldRun = await queue.next();
      const wrote = await queue.submit(write('house/lamp'));
      (await queue.next()).finish();
      await wrote.outcome;

      const fresh = await queue.submit(sharedRead('state'));
      expect(fresh.how).toBe('queued');
      (await queue.next()).finish('new');
      oldRun.finish('old');
      expect(await fresh.outcome).toMatchObject({ result: 'new' });
      expect(await old.outcome).toMatchObject({ result: 'old' });
    });

    it('27 runs a not_started id when it comes again, and answers unknown for an unknown one', async () => {
      const queue = await aQueue(column).withSlots(0).begin();
      const late = write('house/lamp', { ...client('late'), budgetMs: 20 });
      expect(await (await queue.submit(late)).outcome).toMatchObject({ state: 'not_started' });
      queue.consumer.setSlots(1);
      const again = await queue.submit({ ...late, budgetMs: 5_000 });
      expect(again.how).toBe('queued');
      (await queue.next()).end({ as: 'unknown', reason: 'child_died' });
      expect(await again.outcome).toMatchObject({ state: 'unknown', reason: 'child_died' });
      const third = await queue.submit(late);
      expect(await third.outcome).toMatchObject({ state: 'unknown', reason: 'child_died' });
      await queue.isQuiet();
    });

    it('27 tells the truth about an unknown write once its run is back', async () => {
      const queue = await aQueue(column).begin();
      const spec = write('house/lamp', { ...client('truth'), budgetMs: 150, holdMs: 2_000 });
      expect(await (await queue.submit(spec)).outcome).toMatchObject({ state: 'unknown', reason: 'deadline' });
      (await queue.next()).finish('after all');
      await eventually(async () => (await (await queue.submit(spec)).outcome).state === 'done');
    });
  });

  describe('admission', () => {
    it('13 refuses above max_size with a time to retry, BULK earlier and the urgent later, joins and replays never', async () => {
      const queue = await aQueue(column)
        .with({ config: { maxSize: 20 } })
        .begin();
      const replayed = read(client('replayed'));
      const done = await queue.submit(replayed);
      (await queue.next()).finish();
      await done.outcome;
      queue.consumer.setSlots(0);

      const joined = read(client('joined'));
      await queue.submit(joined);
      await submitAll(
        queue,
        Array.from({ length: 15 }, () => 4),
      );
      await expectFull(queue, 4);
      await submitAll(queue, [2, 3, 2, 3]);
      await expectFull(queue, 2);
      await expectFull(queue, 3);
      await submitAll(queue, [1]);
      await expectFull(queue, 1);
      await submitAll(queue, [0]);
      await expectFull(queue, 0);
      expect((await queue.submit(joined)).how).toBe('joined');
      expect((await queue.submit(replayed)).how).toBe('replayed');
    });

    it('14 does not count running requests', async () => {
      const queue = await aQueue(column)
        .withSlots(5)
        .with({ config: { maxSize: 2 } })
        .begin();
      for (let running = 0; running < 5; running += 1) {
        await queue.submit(read());
        await queue.next();
      }
      await submitAll(queue, [2, 2]);
      await expectFull(queue, 2);
    });

    it('30 does not let a greedy share hold back another', async () => {
      const queue = await aQueue(column).withSlots(0).begin();
      for (let greedy = 0; greedy < 40; greedy += 1) await queue.submit(read({ share: 'greedy' }));
      const modest = await queue.submit(read({ share: 'modest' }));
      queue.consumer.setSlots(1);
      const order = await queue.drainInOrder();
      expect(order.indexOf(modest.seq)).toBeLessThanOrEqual(4);
      expect(order).toHaveLength(41);
    });
  });

  describe('time', () => {
    it('15 answers a queue timeout with not_started and never runs it, parked too', async () => {
      const queue = await aQueue(column).begin();
      await queue.submit(write('house/lamp'));
      await queue.next();
      const parked = await queue.submit(write('house/lamp', { budgetMs: 30 }));
      const waiting = await queue.submit(read({ budgetMs: 30 }));
      for (const { outcome } of [parked, waiting]) {
        expect(await outcome).toMatchObject({ state: 'not_started', reason: 'queue_timeout', attempts: 0 });
      }
      queue.running[0]!.finish();
      await queue.isQuiet();
    });

    it('15 tells one of two callers of a waiting read that it did not start when his time is over, and runs it for the other', async () => {
      const queue = await aQueue(column).withSlots(0).begin();
      const hurried = await queue.submit(sharedRead('both', { budgetMs: 50 }));
      const alike = await queue.submit(sharedRead('both', { budgetMs: 50 }));
      const patient = await queue.submit(sharedRead('both'));
      for (const { outcome } of [hurried, alike]) {
        expect(await outcome).toMatchObject({ state: 'not_started', reason: 'queue_timeout', attempts: 0 });
      }
      queue.consumer.setSlots(1);
      (await queue.next()).finish('in time');
      expect(await patient.outcome).toMatchObject({ state: 'done', result: 'in time' });
    });

    it('15 tells two callers of a waiting read whose time is over together that it did not start, and never runs it', async () => {
      const queue = await aQueue(column).withSlots(0).begin();
      const both = [await queue.submit(sharedRead('both', { budgetMs: 60 })), await queue.submit(sharedRead('both', { budgetMs: 55 }))];
      for (const { outcome } of both) expect(await outcome).toMatchObject({ state: 'not_started', reason: 'queue_timeout' });
      queue.consumer.setSlots(1);
      await queue.isQuiet();
    });

    it('16 spends one budget on waiting and running', async () => {
      const queue = await aQueue(column).withSlots(0).begin();
      const ticket = await queue.submit(read({ budgetMs: 200 }));
      const start = performance.now();
      await eventually(() => performance.now() - start > 60);
      queue.consumer.setSlots(1);
      const { job } = await queue.next();
      expect(job.remainingMs).toBeLessThan(141);
      const outcome = await ticket.outcome;
      expect(outcome.queuedMs + outcome.ranMs).toBeLessThan(700);
    });

    it('17 ends a write over its budget as unknown and a read as failed, signals, and holds the line until the run is back', async () => {
      const queue = await aQueue(column).withSlots(4).begin();
      const late = await queue.submit(write('house/lamp', { budgetMs: 600, holdMs: 2_000 }));
      const writing = await queue.next();
      const lateRead = await queue.submit(read({ budgetMs: 600 }));
      const reading = await queue.next();
      const successor = await queue.submit(write('house/lamp'));
      expect(await late.outcome).toMatchObject({ state: 'unknown', reason: 'deadline' });
      expect(await lateRead.outcome).toMatchObject({ state: 'failed', begun: true, error: { name: 'deadline_passed' } });
      expect([writing.abortReason, reading.abortReason]).toEqual(['deadline', 'deadline']);
      expect(writing.job.held()).toBe(false);
      await queue.isQuiet();
      writing.end({ as: 'unknown', reason: 'timed_out' });
      expect((await queue.next()).seq).toBe(successor.seq);
    });

    it('17 moves the line when hold and grace are over, and keeps the slot taken', async () => {
      const queue = await aQueue(column)
        .withSlots(2)
        .with({ times: { abortGraceMs: 30, neighbourMs: 0 } })
        .begin();
      await queue.submit(write('house/lamp', { budgetMs: 150, holdMs: 20 }));
      const stuck = await queue.next();
      const successor = await queue.submit(write('house/lamp'));
      expect((await queue.next()).seq).toBe(successor.seq);
      await queue.submit(read());
      await queue.isQuiet();
      stuck.finish();
      await queue.next();
    });

    it('18 runs a read that says retry again up to its attempts, and a write not', async () => {
      const queue = await aQueue(column).withSlots(2).begin();
      const ticket = await queue.submit(read({ retry }));
      for (const attempt of [1, 2, 3]) {
        const run = await queue.next();
        expect(run.job.attempt).toBe(attempt);
        run.end(attempt === 2 ? { as: 'unknown', reason: 'lost' } : { as: 'retry', error: trouble });
      }
      expect(await ticket.outcome).toMatchObject({ state: 'failed', begun: true, error: trouble, attempts: 3 });
      const wrote = await queue.submit(write('house/lamp', { retry }));
      (await queue.next()).end({ as: 'retry', error: trouble });
      expect(await wrote.outcome).toMatchObject({ state: 'failed', begun: true, attempts: 1 });
      await queue.isQuiet();
    });

    it('18 grants no retries for a read that was only put back', async () => {
      const queue = await aQueue(column).begin();
      const nextRunning = () => eventually(() => queue.running[0]) as Promise<HandedOut>;
      const attemptsOfFailing = async () => {
        const { outcome } = await queue.submit(read({ retry: { ...retry, attempts: 2 } }));
        let isOpen = true;
        void outcome.then(() => (isOpen = false));
        await eventually(() => {
          for (const job of queue.running) job.end({ as: 'retry', error: trouble });
          return !isOpen;
        });
        return (await outcome).attempts;
      };
      while ((await attemptsOfFailing()) === 2);
      const ticket = await queue.submit(read({ retry }));
      for (let back = 0; back < 20; back += 1) (await nextRunning()).end({ as: 'put_back', reason: 'no_session', afterMs: 0 });
      (await nextRunning()).end({ as: 'retry', error: trouble });
      expect(await ticket.outcome).toMatchObject({ state: 'failed', attempts: 1 });
    });

    it('19 begins no retry that cannot start before the deadline', async () => {
      const queue = await aQueue(column).begin();
      const ticket = await queue.submit(read({ budgetMs: 300, retry: { attempts: 3, baseMs: 1e9, maxMs: 1e9 } }));
      (await queue.next()).end({ as: 'retry', error: trouble });
      const outcome = await ticket.outcome;
      expect(outcome).toMatchObject({ state: 'failed', error: trouble, attempts: 1 });
      expect(outcome.queuedMs + outcome.ranMs).toBeLessThan(250);
    });

    it('26 does not cut a patient joiner off with a hurried first caller', async () => {
      const queue = await aQueue(column).begin();
      const spec = read(client('patience'));
      const hurried = await queue.submit({ ...spec, budgetMs: 150 });
      const patient = await queue.submit({ ...spec, budgetMs: 5_000 });
      const run = await queue.next();
      expect(await hurried.outcome).toMatchObject({ state: 'failed', error: { name: 'deadline_passed' } });
      expect(run.abortReason).toBeUndefined();
      run.finish('worth it');
      expect(await patient.outcome).toMatchObject({ state: 'done', result: 'worth it' });
    });
  });

  describe('hand-out', () => {
    it('20 hands a put-back out again, writes too, in its old place, and counts no attempt', async () => {
      const queue = await aQueue(column).begin();
      const first = await queue.submit(write('house/lamp'));
      const second = await queue.submit(write('house/lamp'));
      (await queue.next()).end({ as: 'put_back', reason: 'no_session', afterMs: 5 });
      const again = await queue.next();
      expect([again.seq, again.job.attempt]).toEqual([first.seq, 1]);
      again.finish();
      expect(await first.outcome).toMatchObject({ state: 'done', attempts: 1 });
      expect((await queue.next()).seq).toBe(second.seq);
    });

    it('21 refuses to begin after cancellation or expiry', async () => {
      const queue = await aQueue(column).withSlots(2).thatDoesNotBegin().begin();
      const leaver = new AbortController();
      const cancelled = await queue.submit(write('house/lamp'), leaver.signal);
      const expired = await queue.submit(write('house/door', { budgetMs: 20 }));
      const jobs = [await queue.next(), await queue.next()];
      leaver.abort();
      expect(await cancelled.outcome).toMatchObject({ state: 'not_started', reason: 'cancelled' });
      expect(await expired.outcome).toMatchObject({ state: 'not_started', reason: 'queue_timeout' });
      for (const { job } of jobs) expect([await job.begin(), job.held()]).toEqual([false, false]);
    });

    it('22 makes one begin of two', async () => {
      const queue = await aQueue(column).thatDoesNotBegin().begin();
      const ticket = await queue.submit(write('house/lamp'));
      const run = await queue.next();
      expect([await run.job.begin(), await run.job.begin(), run.job.held()]).toEqual([true, true, true]);
      run.finish();
      expect(await ticket.outcome).toMatchObject({ state: 'done', attempts: 1 });
    });

    it('23 ends a throw as failed before begin and as unknown after a write has begun', async () => {
      const queue = await aQueue(column).withSlots(2).thatDoesNotBegin().begin();
      const before = await queue.submit(write('house/lamp'));
      (await queue.next()).throws('a bug, told on purpose');
      expect(await before.outcome).toMatchObject({ state: 'failed', begun: false, error: { name: 'internal_error' } });

      const after = await queue.submit(write('house/lamp'));
      const run = await queue.next();
      await run.job.begin();
      run.throws('a bug, told on purpose');
      expect(await after.outcome).toMatchObject({ state: 'unknown' });
    });

    it('28 follows the number of slots up, down and to nothing', async () => {
      const queue = await aQueue(column).withSlots(1).begin();
      await submitAll(queue, [2, 2, 2, 2, 2]);
      const first = await queue.next();
      await queue.isQuiet();
      queue.consumer.setSlots(3);
      const others = [await queue.next(), await queue.next()];
      await queue.isQuiet();
      queue.consumer.setSlots(1);
      first.finish();
      others[0]!.finish();
      await queue.isQuiet();
      queue.consumer.setSlots(0);
      others[1]!.finish();
      await queue.isQuiet();
      queue.consumer.setSlots(1);
      await queue.next();
      await queue.isQuiet();
    });

    it('29 keeps the slots of lanes apart', async () => {
      const queue = await aQueue(column).withSlots(1).begin();
      queue.open('garden', 1);
      await submitAll(queue, [0, 0, 0]);
      const garden = await queue.submit(read({ lane: 'garden', priority: 4 }));
      const begun = [await queue.next(), await queue.next()];
      expect(begun.map(({ job }) => job.lane).sort()).toEqual(['garden', 'house']);
      expect(begun.map(({ seq }) => seq)).toContain(garden.seq);
      await queue.isQuiet();
    });

    it('31 passes payload and result on as JSON copies', async () => {
      const queue = await aQueue(column).begin();
      const payload = { list: [1, { deep: true }] };
      const spec = sharedRead('copies', { payload });
      const [one, other] = [await queue.submit(spec), await queue.submit(spec)];
      const run = await queue.next();
      expect(run.job.payload).toEqual(payload);
      expect(run.job.payload).not.toBe(payload);
      const result = { lit: [true] };
      run.finish(result);
      const outcomes = [await one.outcome, await other.outcome].map((outcome) => (outcome as { result?: unknown }).result);
      expect(outcomes).toEqual([result, result]);
      expect(outcomes[0]).not.toBe(result);
      expect(outcomes[0]).not.toBe(outcomes[1]);
    });

    it('32 delivers a result of 1 MB whole and replays it as omitted bytes', async () => {
      const queue = await aQueue(column).begin();
      const spec = write('house/lamp', client('large'));
      const ticket = await queue.submit(spec);
      const text = 'x'.repeat(1_048_576);
      (await queue.next()).finish(text);
      expect(((await ticket.outcome) as { result?: unknown }).result).toBe(text);
      expect(await (await queue.submit(spec)).outcome).toMatchObject({ state: 'done', omittedBytes: text.length + 2 });

      const large = read(client('large read'));
      await queue.submit(large);
      (await queue.next()).finish(text);
      await eventually(async () => (await queue.submit(large)).how === 'queued');
    });
  });

  describe('leaving', () => {
    it('24 cancels what waits, aborts a running read, and lets a running write end and be recorded', async () => {
      const queue = await aQueue(column).withSlots(2).begin();
      const leaver = new AbortController();
      await queue.submit(read(), leaver.signal);
      const spec = write('house/lamp', client('recorded'));
      await queue.submit(spec, leaver.signal);
      const waiting = await queue.submit(read(), leaver.signal);
      const [reading, writing] = [await queue.next(), await queue.next()];
      leaver.abort();
      expect(await waiting.outcome).toMatchObject({ state: 'not_started', reason: 'cancelled' });
      await eventually(() => reading.abortReason === 'cancelled');
      expect(await queue.tickets[0]!.outcome).toMatchObject({ state: 'failed', begun: true });
      expect(writing.abortReason).toBeUndefined();
      writing.finish('recorded');
      await eventually(async () => (await queue.submit(spec)).how === 'replayed');
      reading.end({ as: 'retry', error: trouble });
      await queue.isQuiet();
    });

    it('24 accepts nobody who had left before', async () => {
      const queue = await aQueue(column).begin();
      const ticket = await queue.submit(write('house/lamp'), AbortSignal.abort());
      expect(await ticket.outcome).toMatchObject({ state: 'not_started', reason: 'cancelled' });
      await queue.isQuiet();
    });

    it('24 takes nobody along who comes under the same name while another is leaving', async () => {
      const queue = await aQueue(column).withSlots(0).begin();
      const leave = async (spec: JobSpec) => {
        const leaver = new AbortController();
        const { outcome } = await queue.submit(spec, leaver.signal);
        leaver.abort();
        return { outcome };
      };
      // a Redis that has not seen the script of leaving yet takes it up a little later
      await (
        await leave(write('house/door'))
      ).outcome;
      const spec = write('house/lamp', client('again'));
      await leave(spec);
      const comer = await queue.submit(spec);
      queue.consumer.setSlots(1);
      (await queue.next()).finish('it ran');
      expect(await comer.outcome).toMatchObject({ state: 'done', result: 'it ran' });
    });

    it('24 takes nobody along who joins a read while another is leaving it', async () => {
      const queue = await aQueue(column).begin();
      const leaver = new AbortController();
      await queue.submit(sharedRead('equal'), leaver.signal);
      await queue.next();
      leaver.abort();
      const comer = await queue.submit(sharedRead('equal'));
      let told: Outcome | undefined;
      void comer.outcome.then((outcome) => (told = outcome));
      await eventually(() => {
        // as an upstream that was told to stop, or one that was not
        for (const job of queue.running) job.end(job.abortReason ? { as: 'retry', error: trouble } : { as: 'done', result: 'fresh' });
        return told !== undefined;
      });
      expect(told).toMatchObject({ state: 'done', result: 'fresh' });
    });

    it('25 gives the outcome to the one of two callers who stays', async () => {
      const queue = await aQueue(column).begin();
      const leaver = new AbortController();
      await queue.submit(sharedRead('two'), leaver.signal);
      const stays = await queue.submit(sharedRead('two'));
      const run = await queue.next();
      leaver.abort();
      await queue.isQuiet();
      expect(run.abortReason).toBeUndefined();
      run.finish('for one');
      expect(await stays.outcome).toMatchObject({ state: 'done', result: 'for one' });
    });

    it('33 has stats that add up at every moment', async () => {
      const queue = await aQueue(column).withSlots(2).begin();
      const leaver = new AbortController();
      await expectSums(queue);
      for (const priority of [0, 1, 2, 3, 4, 2, 2] as const) {
        await queue.submit(write(priority === 2 ? 'house/lamp' : `house/${priority}`, { priority, share: 'one' }), leaver.signal);
        await expectSums(queue);
      }
      expect(await queue.stats()).toMatchObject({ waiting: 5, running: 2, slots: 2 });
      (await queue.next()).end({ as: 'put_back', reason: 'no_session', afterMs: 5 });
      await expectSums(queue);
      (await queue.next()).finish();
      await expectSums(queue);
      leaver.abort();
      await expectSums(queue);
      await eventually(async () => {
        for (const job of queue.running) job.finish();
        return (await queue.stats()).running === 0;
      });
      expect(await queue.stats()).toMatchObject({ waiting: 0, oldestWaitMs: 0, parked: { lock: 0, share: 0 } });
    });

    it('34 drains: gives back what was claimed, and ends begun writes after the time for it as unknown', async () => {
      const queue = await aQueue(column).withSlots(3).thatDoesNotBegin().begin();
      const claimed = await queue.submit(write('house/claimed'));
      const ends = await queue.submit(write('house/ends'));
      const hangs = await queue.submit(write('house/hangs'));
      const waits = await queue.submit(write('house/hangs'));
      const [first, second, third] = [await queue.next(), await queue.next(), await queue.next()];
      await Promise.all([second.job.begin(), third.job.begin()]);

      const closed = queue.queue.close(60);
      expect(await first.job.begin()).toBe(false);
      first.end({ as: 'put_back', reason: 'draining', afterMs: 0 });
      second.finish();
      expect(queue.queue.ready()).toEqual({ ok: false, reason: 'draining' });
      expect(await ends.outcome).toMatchObject({ state: 'done' });
      expect(third.abortReason).toBeUndefined();
      await eventually(() => third.abortReason === 'draining');
      third.end({ as: 'unknown', reason: 'draining' });
      await closed;
      expect(await hangs.outcome).toMatchObject({ state: 'unknown', reason: 'draining' });
      for (const { outcome } of [claimed, waits]) expect(await outcome).toMatchObject({ state: 'not_started', reason: 'draining' });
    });

    it('34 is not closed while a consumer still holds what it gave back', async () => {
      const queue = await aQueue(column).thatDoesNotBegin().begin();
      const ticket = await queue.submit(write('house/lamp'));
      const run = await queue.next();
      let isClosed = false;
      const closed = queue.queue.close(60).then(() => (isClosed = true));
      await eventually(() => run.abortReason === 'draining');
      await pause(LONGER_THAN_A_CLOSE_MS);
      expect(isClosed).toBe(false);
      run.end({ as: 'put_back', reason: 'draining', afterMs: 0 });
      await closed;
      expect(await ticket.outcome).toMatchObject({ state: 'not_started', reason: 'draining' });
    });

    it('34 revokes at the end of a drain what a child still owes, also of a call that was answered', async () => {
      const queue = await aQueue(column).withSlots(2).begin();
      const late = await queue.submit(write('house/late', { budgetMs: 600, holdMs: 60_000 }));
      const owing = await queue.next();
      const hangs = await queue.submit(write('house/hangs'));
      const hanging = await queue.next();
      expect(await late.outcome).toMatchObject({ state: 'unknown', reason: 'deadline' });
      await eventually(() => owing.abortReason === 'deadline');
      expect(owing.job.revoked.aborted).toBe(false);

      const closed = queue.queue.close(60);
      for (const { job } of [owing, hanging]) await eventually(() => job.revoked.aborted);
      for (const run of [owing, hanging]) run.end({ as: 'unknown', reason: 'draining' });
      await closed;
      expect(await hangs.outcome).toMatchObject({ state: 'unknown', reason: 'draining' });
    });

    it('34 ends a drain that is under way as soon as it is closed again without time', async () => {
      const queue = await aQueue(column).begin();
      const ticket = await queue.submit(write('house/hangs'));
      const run = await queue.next();
      const closed = queue.queue.close(3_600_000);
      void queue.queue.close(0);
      await eventually(() => run.abortReason === 'draining');
      run.end({ as: 'unknown', reason: 'draining' });
      await closed;
      expect(await ticket.outcome).toMatchObject({ state: 'unknown', reason: 'draining' });
    });

    it('34 gives a closed lane back to the next consumer', async () => {
      const queue = await aQueue(column).begin();
      const ticket = await queue.submit(read());
      const run = await queue.next();
      const closed = queue.consumer.close(0);
      await eventually(() => run.abortReason === 'draining');
      run.end({ as: 'retry', error: trouble });
      await closed;
      queue.open('house', 1);
      (await queue.next()).finish('by the second');
      expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'by the second' });
    });

    it('35 rejects as draining after close', async () => {
      const queue = await aQueue(column).begin();
      await queue.queue.close(0);
      await expect(queue.submit(read())).rejects.toMatchObject({ reason: 'draining' });
    });

    it('36 resolves every accepted request, also without any consumer', async () => {
      const queue = await aQueue(column).withoutConsumers().begin();
      const tickets = await Promise.all(
        [read({ budgetMs: 30 }), write('house/lamp', { budgetMs: 30 }), sharedRead('x', { budgetMs: 30 })].map((spec) =>
          queue.submit(spec),
        ),
      );
      for (const { outcome } of tickets) expect(await outcome).toMatchObject({ state: 'not_started', reason: 'queue_timeout' });
    });
  });

  it('shows its overlaps when the locks are switched off', async () => {
    const queue = await aQueue(column).withSlots(2).begin();
    await queue.submitUnlocked(write('house/lamp'));
    await queue.submitUnlocked(write('house'));
    await queue.next();
    await queue.next();
    expect(queue.overlaps).toHaveLength(1);
  });
});

async function submitAll(queue: QueueUnderTest, classes: readonly number[]): Promise<readonly number[]> {
  const seqs: number[] = [];
  for (const priority of classes) seqs.push((await queue.submit(read({ priority: priority as Priority }))).seq);
  return seqs;
}

async function expectFull(queue: QueueUnderTest, priority: Priority): Promise<void> {
  const refused = { reason: 'queue_full', data: { retry_after_ms: expect.any(Number) } };
  const error: unknown = await queue.submit(read({ priority })).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject(refused);
  expect((error as { data: { retry_after_ms: number } }).data.retry_after_ms).toBeGreaterThan(0);
}

async function expectSums(queue: QueueUnderTest): Promise<void> {
  const { waiting, waitingByClass, running, runningByClass, slots, parked, lanes } = await queue.stats();
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  expect(sum(Object.values(waitingByClass))).toBe(waiting);
  expect(sum(Object.values(runningByClass))).toBe(running);
  expect(sum(Object.values(lanes).map((lane) => lane.waiting))).toBe(waiting);
  expect(sum(Object.values(lanes).map((lane) => lane.running))).toBe(running);
  expect(sum(Object.values(lanes).map((lane) => lane.slots))).toBe(slots);
  expect(parked.lock + parked.share).toBeLessThanOrEqual(waiting);
  expect(running).toBeLessThanOrEqual(slots);
}

const pathSets: fc.Arbitrary<readonly Lock[]> = fc.array(
  fc.record({
    path: fc.constantFrom(['h'], ['h', 'a'], ['h', 'b'], ['h', 'a', '1'], ['h', 'a', '2'], ['h', 'b', '1'], ['k', 'a']),
    mode: fc.constantFrom('X' as const, 'X' as const, 'S' as const),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Who may run: everybody whose locks meet those of nobody earlier. */
function free(open: ReadonlyMap<number, readonly Lock[]>): readonly number[] {
  const requests = [...open].sort(([one], [other]) => one - other);
  return requests.filter(([seq, locks]) => !requests.some(([earlier, held]) => earlier < seq && conflict(held, locks))).map(([seq]) => seq);
}
