import { randomUUID } from 'node:crypto';
import {
  type Consumer,
  type Job,
  type JobSpec,
  type QueueStats,
  type Readiness,
  type Ticket,
  type Verdict,
  WorkQueue,
} from '../../../src/queue/work-queue.js';
import type { Weakness } from './weakness.js';

/** A queue that breaks a promise of the one inside it. */
export class WeakenedQueue extends WorkQueue {
  constructor(
    private readonly inner: WorkQueue,
    private readonly weakness: Weakness,
  ) {
    super();
  }

  override submit(spec: JobSpec, signal: AbortSignal): Promise<Ticket> {
    const { locks, requestIds } = this.weakness;
    const free: JobSpec = locks === false ? { ...spec, locks: [] } : spec;
    return this.inner.submit(requestIds === false ? { ...free, key: { as: 'once', id: randomUUID() } } : free, signal);
  }

  override consume(lane: string, slots: number, run: (job: Job) => Promise<Verdict>): Consumer {
    if (this.weakness.journal !== false) return this.inner.consume(lane, slots, run);
    return this.inner.consume(lane, slots, (job) => {
      if (job.kind === 'write') void run(unjournalled(job));
      return run(unjournalled(job));
    });
  }

  override stats(signal: AbortSignal): Promise<QueueStats> {
    return this.inner.stats(signal);
  }

  override ready(): Readiness {
    return this.inner.ready();
  }

  override close(drainMs: number): Promise<void> {
    return this.inner.close(drainMs);
  }
}

function unjournalled(job: Job): Job {
  const { id, seq, lane, kind, payload, attempt, remainingMs, signal, revoked } = job;
  const begin = async () => {
    await job.begin();
    return true;
  };
  return { id, seq, lane, kind, payload, attempt, remainingMs, signal, revoked, begin, held: () => true };
}
