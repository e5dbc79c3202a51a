import { randomUUID } from 'node:crypto';
import type { Lock } from '../../src/call/call-plan.js';
import type { Json } from '../../src/call/json.js';
import type { Consumer, Job, JobAbort, JobSpec, Ticket, Verdict, WorkQueue } from '../../src/queue/work-queue.js';
import type { Column, ColumnOptions } from './columns.js';
import { eventually } from './eventually.js';
import { conflict } from './lock-model.js';

/** A lock-free read that nobody shares; everybody has a share of his own unless told otherwise. */
export function read(over: Partial<JobSpec> = {}): JobSpec {
  const id = randomUUID();
  return {
    key: { as: 'once', id },
    lane: 'house',
    kind: 'read',
    priority: 2,
    share: id,
    payload: null,
    locks: [],
    budgetMs: 10_000,
    holdMs: 100,
    ...over,
  };
}

/** A write that excludes others on `path` ("house/lamps/salon") and below. */
export function write(path: string, over: Partial<JobSpec> = {}): JobSpec {
  return read({ kind: 'write', locks: [exclusive(path)], ...over });
}

export function exclusive(path: string): Lock {
  return { path: path.split('/'), mode: 'X' };
}

export function shared(path: string): Lock {
  return { path: path.split('/'), mode: 'S' };
}

export function client(id: string, hash = 'same'): { key: JobSpec['key'] } {
  return { key: { as: 'client', id, hash } };
}

export function sharedRead(id: string, over: Partial<JobSpec> = {}): JobSpec {
  return read({ key: { as: 'shared', id }, ...over });
}

/** A job that was handed out; it runs until the test ends it. */
export class HandedOut {
  readonly at = performance.now();
  isBack = false;
  private resolve: (verdict: Verdict) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  readonly verdict: Promise<Verdict>;

  constructor(readonly job: Job) {
    this.verdict = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get seq(): number {
    return this.job.seq;
  }

  get abortReason(): JobAbort | undefined {
    return this.job.signal.aborted ? (this.job.signal.reason as JobAbort) : undefined;
  }

  finish(result: Json = 'ok'): void {
    this.end({ as: 'done', result });
  }

  end(verdict: Verdict): void {
    this.isBack = true;
    this.resolve(verdict);
  }

  throws(message: string): void {
    this.isBack = true;
    this.reject(new Error(message));
  }
}

/** A queue under test: whatever it hands out is kept, in order, and waits for the test. */
export class QueueUnderTest {
  readonly handedOut: HandedOut[] = [];
  readonly tickets: Ticket[] = [];
  /** Pairs of jobs that ran at the same time although their locks exclude each other. */
  readonly overlaps: string[] = [];
  private readonly consumers = new Map<string, Consumer>();
  private readonly locks = new Map<string, readonly Lock[]>();
  private seen = 0;

  constructor(
    readonly queue: WorkQueue,
    private readonly column: Column,
    private readonly beginsByItself: boolean,
  ) {}

  open(lane: string, slots: number): Consumer {
    const consumer = this.queue.consume(lane, slots, (job) => this.run(job));
    this.consumers.set(lane, consumer);
    return consumer;
  }

  get consumer(): Consumer {
    return this.consumers.get('house')!;
  }

  /** The negative control: the queue is not told what it locks. */
  submitUnlocked(spec: JobSpec): Promise<Ticket> {
    const submitted = this.submit({ ...spec, locks: [] });
    this.locks.set(spec.key.id, spec.locks);
    return submitted;
  }

  async submit(spec: JobSpec, signal: AbortSignal = new AbortController().signal): Promise<Ticket> {
    this.locks.set(spec.key.id, spec.locks);
    const ticket = await this.queue.submit(spec, signal);
    this.tickets.push(ticket);
    return ticket;
  }

  /** The next job that was handed out and not yet asked for. */
  async next(): Promise<HandedOut> {
    const { seen } = this;
    this.seen += 1;
    await eventually(() => this.handedOut.length > seen);
    return this.handedOut[seen]!;
  }

  /** Nothing more is handed out by itself. */
  async isQuiet(): Promise<void> {
    await this.column.quiet();
    expect(this.handedOut).toHaveLength(this.seen);
  }

  get running(): readonly HandedOut[] {
    return this.handedOut.filter(({ isBack }) => !isBack);
  }

  stats() {
    return this.queue.stats(AbortSignal.timeout(1_000));
  }

  /** Ends jobs as they come until every ticket has its outcome; answers the seqs in order of hand-out. */
  async drainInOrder(): Promise<readonly number[]> {
    const { seen } = this;
    let open = this.tickets.length;
    for (const { outcome } of this.tickets) void outcome.then(() => (open -= 1));
    await eventually(() => {
      for (const job of this.running) job.finish();
      return open === 0;
    });
    this.seen = this.handedOut.length;
    return this.handedOut.slice(seen).map(({ seq }) => seq);
  }

  async close(): Promise<void> {
    const closing = this.queue.close(0);
    await eventually(async () => {
      for (const job of this.running) job.end({ as: 'unknown', reason: 'test_over' });
      return (await Promise.race([closing.then(() => true), this.column.quiet()])) === true;
    });
  }

  private async run(job: Job): Promise<Verdict> {
    const mine = new HandedOut(job);
    if (this.beginsByItself && !(await job.begin())) return { as: 'put_back', reason: 'lost', afterMs: 0 };
    const locks = this.locks.get(job.id) ?? [];
    for (const other of this.running) {
      if (conflict(locks, this.locks.get(other.job.id) ?? [])) this.overlaps.push(`${other.seq} and ${job.seq}`);
    }
    this.handedOut.push(mine);
    return mine.verdict;
  }
}

/** Builds queues for a column and closes them after each test. */
export function aQueue(column: Column) {
  return new QueueBuilder(column);
}

class QueueBuilder {
  private slots?: number = 1;
  private options: ColumnOptions = {};
  private beginsByItself = true;

  constructor(private readonly column: Column) {}

  withSlots(slots: number): this {
    this.slots = slots;
    return this;
  }

  withoutConsumers(): this {
    this.slots = undefined;
    return this;
  }

  with(options: ColumnOptions): this {
    this.options = { ...this.options, ...options };
    return this;
  }

  /** Jobs are handed over as claimed; the test calls `begin()`. */
  thatDoesNotBegin(): this {
    this.beginsByItself = false;
    return this;
  }

  async begin(): Promise<QueueUnderTest> {
    const queue = new QueueUnderTest(await this.column.create(this.options), this.column, this.beginsByItself);
    if (this.slots !== undefined) queue.open('house', this.slots);
    opened.push(queue);
    return queue;
  }
}

const opened: QueueUnderTest[] = [];

export async function closeQueues(): Promise<void> {
  await Promise.all(opened.splice(0).map((queue) => queue.close()));
}
