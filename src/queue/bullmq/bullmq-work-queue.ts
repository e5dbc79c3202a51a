import { BridgeError } from '../../call/bridge-error.js';
import type { CallSignal } from '../../call/call-signal.js';
import { type Clock, systemClock } from '../../call/clock.js';
import type { Redis } from '../../redis/redis.js';
import { normalize } from '../normalize.js';
import type { Observe } from '../queue-observer.js';
import type { QueueConfig } from '../queue.config.js';
import { type Consumer, type JobSpec, type QueueStats, type Readiness, type Ticket, WorkQueue } from '../work-queue.js';
import { type Opening, storeAway } from './acceptances.js';
import { CLUSTER_TIMES, type ClusterTimes } from './cluster-times.js';
import type { GateTimes } from './gate-times.js';
import { Lane } from './lane.js';
import { Replica } from './replica.js';
import type { Consume } from './runs.js';
import { Scheduler } from './scheduler.js';

/** What only a test has reason to choose. */
export interface BullmqOptions {
  readonly clock?: Clock;
  readonly observe?: Observe;
  readonly random?: () => number;
  readonly times?: Partial<ClusterTimes>;
  readonly gateTimes?: Partial<GateTimes>;
  /** As if this replica were of a newer release than others. */
  readonly recordVersion?: number;
}

/**
 * The queue of many replicas: a gate of scripts in Redis owns acceptance, locks, journal and outcomes; BullMQ behind it
 * schedules ids by priority. A call that finds a free slot here and nobody before it runs here at once.
 */
export class BullmqWorkQueue extends WorkQueue {
  private readonly replica: Replica;
  private readonly lanes = new Map<string, Lane>();
  private readonly observe: Observe;
  private readonly clock: Clock;
  private readonly hurry = new AbortController();
  private closed?: Promise<void>;

  /** @param signingKey the same on all replicas: what one accepts another one runs */
  static async open(redis: Redis, config: QueueConfig, signingKey: string, options: BullmqOptions = {}): Promise<BullmqWorkQueue> {
    const queue = new BullmqWorkQueue(redis, await Scheduler.load(redis), config, signingKey, options);
    await queue.replica.start();
    return queue;
  }

  private constructor(
    private readonly redis: Redis,
    private readonly scheduler: Scheduler,
    private readonly config: QueueConfig,
    signingKey: string,
    { clock = systemClock, observe = () => undefined, random = Math.random, times, gateTimes = {}, recordVersion }: BullmqOptions,
  ) {
    super();
    this.observe = observe;
    this.clock = clock;
    const rest = { clock, observe, random, times: { ...CLUSTER_TIMES, ...times }, gateTimes, recordVersion };
    this.replica = new Replica(redis, scheduler, config, signingKey, () => this.slots(), rest);
  }

  override async submit(asked: JobSpec, signal: CallSignal): Promise<Ticket> {
    const spec = await this.withoutInterruption(normalize(asked, this.config));
    if (signal.aborted) return leftBefore(spec);
    this.refuseUnlessOpen(spec);
    return this.replica.acceptances.submit(spec, signal, this.openingFor(spec));
  }

  override consume(name: string, slots: number, run: Consume): Consumer {
    if (this.lanes.has(name)) throw new Error(`Lane ${name} has a consumer already`);
    const { runs, claims } = this.replica;
    const lane = new Lane(name, slots, run, claims, runs, this.scheduler, {
      nextHolder: () => this.replica.nextHolder(),
      resized: () => this.replica.sweeper.soon(),
      closed: () => this.lanes.delete(name),
    });
    this.lanes.set(name, lane);
    this.replica.sweeper.soon();
    return lane;
  }

  override async stats(signal: AbortSignal): Promise<QueueStats> {
    signal.throwIfAborted();
    const away = this.redis.away();
    if (away !== undefined) throw storeAway(away);
    return this.replica.gate.stats();
  }

  override ready(): Readiness {
    return this.closed ? { ok: false, reason: 'draining' } : this.replica.ready();
  }

  override close(drainMs: number): Promise<void> {
    if (this.closed) this.clock.after(drainMs, () => this.hurry.abort());
    this.closed ??= this.leave(drainMs);
    return this.closed;
  }

  /** What is sent into a broken connection is in doubt; what waited for it and was then refused is not. */
  private async withoutInterruption(spec: JobSpec): Promise<JobSpec> {
    const interruption = this.redis.interruption();
    if (!interruption) return spec;
    const since = this.clock.now();
    await interruption;
    return { ...spec, budgetMs: spec.budgetMs - (this.clock.now() - since) };
  }

  private refuseUnlessOpen({ priority }: JobSpec): void {
    if (this.closed) {
      this.observe({ is: 'accepted', how: 'draining', priority });
      throw new BridgeError('draining', 'The bridge is shutting down', { outcome: 'not_started', reason: 'draining' });
    }
    const away = this.redis.away();
    if (away !== undefined) throw storeAway(away);
    if (this.replica.sweeper.foreignSchema !== undefined) throw storeAway('foreign_schema');
  }

  private openingFor({ lane: name }: JobSpec): Opening | undefined {
    const lane = this.lanes.get(name);
    const slot = lane?.reserve();
    if (!lane || !slot) return undefined;
    return {
      holder: this.replica.nextHolder(),
      take: (assignment) => void lane.runHere(assignment, slot),
      release: () => slot.free(),
    };
  }

  private async leave(drainMs: number): Promise<void> {
    for (const lane of this.lanes.values()) lane.stop();
    // no signal made of others: Node 20 lets the collector take a timeout that only a composite refers to
    const stopTimer = this.clock.after(drainMs, () => this.hurry.abort());
    await this.replica.drain(this.hurry.signal);
    stopTimer();
    await this.replica.close();
  }

  private slots(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.lanes.values()].map(({ name, slotCount }) => [name, slotCount]));
  }
}

/** Nothing is brought to the gate for somebody who is not there any more: no acceptance, so no seq. */
function leftBefore({ key }: JobSpec): Ticket {
  const outcome = Promise.resolve({ state: 'not_started', reason: 'cancelled', attempts: 0, queuedMs: 0, ranMs: 0 } as const);
  return { id: key.id, seq: 0, how: 'queued', ahead: 0, estimatedWaitMs: 0, outcome };
}
