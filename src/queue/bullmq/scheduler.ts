import { Logger } from '@nestjs/common';
import type * as bullmq from 'bullmq';
import type { Queue, QueueOptions, WorkerOptions } from 'bullmq';
import type { Redis } from '../../redis/redis.js';
import type { Offer } from './gate-answers.js';
import { LaneWorker } from './lane-worker.js';

/** A worker looks for what it may have missed so often, even when nobody wakes it. */
const DRAIN_DELAY_SECONDS = 5;
/** Bookkeeping only: twice our lease, so that BullMQ never gives up before the gate does. */
const LOCK_MS = 30_000;
const STALLED_CHECK_MS = 15_000;
const RETRY_FETCH_MS = 500;
const KEPT_EVENTS = 100;
/** Kept open for what is offered next: more than an installation has lanes at a time. */
const MOST_QUEUES = 200;

/** @returns false when there is no slot for it here */
export type Deliver = (id: string, turn: number) => Promise<boolean>;

type Bull = Pick<typeof bullmq, 'Queue' | 'Worker' | 'WaitingError'>;

/**
 * BullMQ, as a scheduler of ids by priority and nothing more: it may deliver twice, late or never, and what it thinks
 * of a job's fate is shown to nobody.
 */
export class Scheduler {
  private readonly queues = new Map<string, Queue>();
  private readonly workers = new Set<LaneWorker>();
  private readonly adding = new Set<Promise<void>>();
  private readonly logger = new Logger('WorkQueue');

  static async load(redis: Redis): Promise<Scheduler> {
    return new Scheduler(await import('bullmq'), redis);
  }

  private constructor(
    private readonly bull: Bull,
    private readonly redis: Redis,
  ) {}

  /** Never waited for: what does not arrive comes again out of the gate's outbox. */
  offer(offers: readonly Offer[]): void {
    for (const offer of offers) {
      const adding = this.tell(offer).catch((error: unknown) => this.complain(error));
      this.adding.add(adding);
      void adding.then(() => this.adding.delete(adding));
    }
  }

  /**
   * Takes the jobs of a lane as they come, as many as it is told to; at first none.
   * @param rested it asks for nothing more until it is widened again
   */
  work(lane: string, deliver: Deliver, rested: () => void): LaneWorker {
    const marker = this.queueOf(lane).toKey('marker');
    const worker = new LaneWorker((take) => new this.bull.Worker(queueName(lane), take, { ...this.options(), ...WORKER_OPTIONS }), {
      deliver: (job) => deliver(job.data, turnOf(job.id ?? '')),
      // BullMQ puts it in front of its class and wakes nobody for it
      putBack: async (job, token) => {
        await job.moveToWait(token);
        await this.redis.bull().zadd(marker, 0, '0');
      },
      rested,
      isBack: () => new this.bull.WaitingError(),
      closed: () => this.workers.delete(worker),
    });
    worker.onError((error) => this.complain(error));
    this.workers.add(worker);
    return worker;
  }

  /** Takes away all that BullMQ keeps of a lane in which nobody will ever run anything. */
  async remove(lane: string): Promise<void> {
    await this.queues.get(lane)?.close();
    this.queues.delete(lane);
    // without a word of its own about the queue, which would outlive it
    const queue = this.openQueue(lane, { skipMetasUpdate: true });
    try {
      await queue.obliterate({ force: true });
    } finally {
      await queue.close();
    }
  }

  /** Resolves when all that was offered is with BullMQ; without Redis that may be never. */
  async flush(): Promise<void> {
    await Promise.all(this.adding);
  }

  /** Workers first. */
  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.close()));
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    this.queues.clear();
  }

  private async tell(offer: Offer): Promise<void> {
    switch (offer.as) {
      case 'new':
        await this.add(offer);
        return;
      case 'again':
        await this.remind(offer);
        return;
      case 'raised':
        await this.raise(offer);
        return;
      case 'gone':
        await this.queueOf(offer.lane).remove(jobIdOf(offer));
        return;
      default:
        offer.as satisfies never;
    }
  }

  /** An id that BullMQ has already changes nothing, so that telling it twice is safe. */
  private async add(offer: Offer, jobId = jobIdOf(offer)): Promise<void> {
    const { id, lane, priority, delayMs } = offer;
    await this.queueOf(lane).add('call', id, { jobId, priority: classOf(priority), delay: delayMs, ...JOB_OPTIONS });
  }

  /** A worker that was given the job and did not come to the gate with it is gone; BullMQ would wait for it until its own lock ends. */
  private async remind(offer: Offer): Promise<void> {
    const isGiven = (await this.queueOf(offer.lane).getJobState(jobIdOf(offer))) === 'active';
    await this.add(offer, isGiven ? jobIdOf({ ...offer, id: `${offer.id}.again` }) : undefined);
  }

  private async raise(offer: Offer): Promise<void> {
    try {
      await this.queueOf(offer.lane).getBackend().changePriority(jobIdOf(offer), classOf(offer.priority), false);
    } catch {
      await this.add(offer);
    }
  }

  private queueOf(lane: string): Queue {
    const queue = this.queues.get(lane) ?? this.openQueue(lane, { streams: { events: { maxLen: KEPT_EVENTS } } });
    // the one used last stands last
    this.queues.delete(lane);
    this.queues.set(lane, queue);
    this.closeUnused();
    return queue;
  }

  private openQueue(lane: string, options: Partial<QueueOptions>): Queue {
    const queue = new this.bull.Queue(queueName(lane), { ...this.options(), ...options });
    queue.on('error', (error) => this.complain(error));
    return queue;
  }

  /** Lanes of replicas come and go, and one that is used again is opened again. */
  private closeUnused(): void {
    for (const [lane, queue] of this.queues) {
      if (this.queues.size <= MOST_QUEUES) return;
      this.queues.delete(lane);
      void queue.close().catch((error: unknown) => this.complain(error));
    }
  }

  private options(): Pick<QueueOptions, 'connection' | 'prefix'> {
    return { connection: this.redis.bull(), prefix: this.redis.tag };
  }

  /** An outage has many of them, and readiness tells of it. */
  private complain(error: unknown): void {
    if (this.redis.away() === undefined) this.logger.debug(`BullMQ: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true };

const WORKER_OPTIONS = {
  autorun: false,
  concurrency: 1,
  maxStalledCount: 0,
  lockDuration: LOCK_MS,
  stalledInterval: STALLED_CHECK_MS,
  drainDelay: DRAIN_DELAY_SECONDS,
  runRetryDelay: RETRY_FETCH_MS,
} satisfies Partial<WorkerOptions>;

function queueName(lane: string): string {
  return `calls-${lane}`;
}

/** 0 means "none" to BullMQ and is served before all. */
function classOf(priority: number): number {
  return priority + 1;
}

function jobIdOf({ id, turn }: Pick<Offer, 'id' | 'turn'>): string {
  return `${id}.${turn}`;
}

function turnOf(jobId: string): number {
  return Number(jobId.slice(jobId.lastIndexOf('.') + 1));
}
