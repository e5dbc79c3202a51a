import { BridgeError } from '../../call/bridge-error.js';
import type { CallSignal } from '../../call/call-signal.js';
import { type Clock, systemClock } from '../../call/clock.js';
import { jsonCopy } from '../../call/json-copy.js';
import type { Priority } from '../../call/priority.js';
import { outcomeOf } from '../ending.js';
import { lockLines } from '../lock-lines.js';
import { normalize } from '../normalize.js';
import type { Observe } from '../queue-observer.js';
import { estimateMs } from '../queue-full.js';
import type { QueueConfig } from '../queue.config.js';
import { Retries } from '../retries.js';
import { type Consumer, type JobSpec, type QueueStats, type Readiness, type Ticket, WorkQueue } from '../work-queue.js';
import { Admission } from './admission.js';
import { Census } from './census.js';
import { Lane, type Run } from './lane.js';
import { LifeCycle } from './life-cycle.js';
import { QUEUE_TIMES, type QueueTimes } from '../queue-times.js';
import { ReplayStore } from './replay-store.js';
import { Request } from './request.js';
import { type Known, RequestIds } from './request-ids.js';

/** What only a test has reason to choose. */
export interface EmbeddedOptions {
  readonly clock?: Clock;
  readonly observe?: Observe;
  readonly random?: () => number;
  readonly times?: Partial<QueueTimes>;
}

const SILENT: Observe = () => undefined;

/** The queue of one process: everything in memory. A restart forgets who waits and which request ids were used. */
export class EmbeddedWorkQueue extends WorkQueue {
  private readonly clock: Clock;
  private readonly times: QueueTimes;
  private readonly observe: Observe;
  private readonly admission: Admission;
  private readonly replays: ReplayStore;
  private readonly ids: RequestIds;
  private readonly life: LifeCycle;
  private readonly retries: Retries;
  private readonly census = new Census();
  private readonly lanes = new Map<string, Lane>();
  private lastSeq = 0;
  private closed?: Promise<void>;

  constructor(
    private readonly config: QueueConfig,
    { clock = systemClock, observe = SILENT, random = Math.random, times }: EmbeddedOptions = {},
  ) {
    super();
    this.clock = clock;
    this.observe = observe;
    this.times = { ...QUEUE_TIMES, ...times };
    this.admission = new Admission(config.maxSize, random);
    this.replays = new ReplayStore(clock, this.times, () => observe({ is: 'omitted_body' }));
    this.ids = new RequestIds(this.replays);
    this.retries = new Retries(config.maxRetries, random);
    this.life = new LifeCycle(clock, this.times, observe, this.ids, this.retries, config.priorityEnabled);
  }

  override submit(spec: JobSpec, signal: CallSignal): Promise<Ticket> {
    return new Promise((resolve) => resolve(this.accept(normalize(spec, this.config), signal)));
  }

  override consume(name: string, slots: number, run: Run): Consumer {
    const lane = this.laneOf(name);
    if (lane.run) throw new Error(`Lane ${name} has a consumer already`);
    lane.run = run;
    this.widen(lane, slots);
    return {
      setSlots: (n) => {
        if (lane.run === run) this.widen(lane, n);
      },
      close: async (drainMs) => {
        if (lane.run !== run) return;
        lane.run = undefined;
        lane.slots = 0;
        await this.life.drain([lane], drainMs);
        this.forgetIfIdle(lane);
      },
    };
  }

  override stats(): Promise<QueueStats> {
    const { waiting, waitingByClass, parked, running, runningByClass } = this.census;
    const lanes = [...this.lanes.values()];
    return Promise.resolve({
      waiting,
      waitingByClass: { ...waitingByClass },
      parked: { ...parked },
      running,
      runningByClass: { ...runningByClass },
      slots: this.pace.slots,
      oldestWaitMs: this.oldestWaitMs(),
      avgRunMs: this.pace.avgRunMs,
      storedBytes: this.replays.storedBytes,
      lanes: Object.fromEntries(
        lanes.map(({ name, census, slots }) => [name, { waiting: census.waiting, running: census.running, slots }] as const),
      ),
    });
  }

  override ready(): Readiness {
    return this.life.isClosing ? { ok: false, reason: 'draining' } : { ok: true };
  }

  override close(drainMs: number): Promise<void> {
    if (this.closed) this.life.hurry(drainMs);
    this.closed ??= this.drain(drainMs);
    return this.closed;
  }

  private accept(spec: JobSpec, signal: CallSignal): Ticket {
    if (this.life.isClosing) {
      this.observe({ is: 'accepted', how: 'draining', priority: spec.priority });
      throw new BridgeError('draining', 'The bridge is shutting down', { outcome: 'not_started', reason: 'draining' });
    }
    const lane = this.laneOf(spec.lane);
    const known = this.find(spec, lane);
    switch (known?.as) {
      case undefined:
        return this.enqueue(spec, lane, signal);
      case 'open':
        return this.join(known.request, spec, signal);
      case 'settled':
        this.observe({ is: 'accepted', how: 'replayed', priority: spec.priority });
        return ticket(spec, known.settled.seq, 'replayed', 0, 0, Promise.resolve(outcomeOf(known.ending, known.settled.timing)));
      default:
        return known satisfies never;
    }
  }

  private find({ key, priority }: JobSpec, lane: Lane): Known | undefined {
    try {
      return this.ids.find(key, this.life.generationOf(lane.upstream));
    } catch (error) {
      this.observe({ is: 'accepted', how: 'conflict', priority: priority });
      throw error;
    }
  }

  private enqueue(spec: JobSpec, lane: Lane, signal: CallSignal): Ticket {
    this.admit(spec.priority);
    const ahead = lane.census.ahead(spec.priority);
    this.lastSeq += 1;
    const request = new Request(this.lastSeq, spec, jsonCopy(spec.payload), lane, spec.priority, this.clock.now());
    lane.census.countWaiting(request.phase, request.priority, 1);
    request.openLink = this.life.open.push(request);
    this.ids.open(request);
    const caller = this.life.attach(request, spec.budgetMs, signal);
    this.life.dispatcher.enter(request, lockLines(spec.locks));
    this.observe({ is: 'accepted', how: 'queued', priority: spec.priority, waiting: this.census.waiting });
    if (signal.aborted) caller.leave();
    else this.life.dispatcher.serve(lane);
    return ticket(spec, request.seq, 'queued', ahead, estimateMs(ahead, lane), caller.outcome);
  }

  private admit(priority: Priority): void {
    try {
      this.admission.admit(priority, this.census.waiting, this.pace);
    } catch (error) {
      this.observe({ is: 'accepted', how: 'full', priority: priority });
      throw error;
    }
  }

  /** The patient joiner lengthens the request's time, the urgent one raises its class. */
  private join(request: Request, spec: JobSpec, signal: CallSignal): Ticket {
    const deadline = this.clock.now() + spec.budgetMs;
    const caller = this.life.attach(request, spec.budgetMs, signal);
    request.deadline = Math.max(request.deadline, deadline);
    if (request.isWaiting && spec.priority < request.priority) this.life.dispatcher.raise(request, spec.priority);
    this.observe({ is: 'accepted', how: 'joined', priority: spec.priority });
    if (signal.aborted) caller.leave();
    const ahead = request.isWaiting ? request.lane.census.ahead(request.priority) - 1 : 0;
    return ticket(spec, request.seq, 'joined', ahead, estimateMs(ahead, request.lane), caller.outcome);
  }

  private widen(lane: Lane, slots: number): void {
    this.retries.allowFor(slots);
    this.life.dispatcher.widen(lane, slots);
  }

  private async drain(drainMs: number): Promise<void> {
    this.life.isClosing = true;
    this.life.dispatcher.pause();
    for (const request of [...this.life.open])
      if (request.isWaiting) this.life.settle(request, { state: 'not_started', reason: 'draining' });
    await this.life.drain([...this.lanes.values()], drainMs);
  }

  private laneOf(name: string): Lane {
    const known = this.lanes.get(name);
    if (known) return known;
    const lane = new Lane(name, name.split('@', 1)[0] ?? name, this.census, this.times.ageingEveryMs);
    this.lanes.set(name, lane);
    return lane;
  }

  private forgetIfIdle(lane: Lane): void {
    if (lane.isIdle) this.lanes.delete(lane.name);
  }

  /** Of all lanes together. */
  private get pace(): { avgRunMs: number; slots: number } {
    let slots = 0;
    let weighted = 0;
    let measured = 0;
    for (const lane of this.lanes.values()) {
      slots += lane.slots;
      if (lane.avgRunMs === 0) continue;
      weighted += lane.avgRunMs;
      measured += 1;
    }
    return { avgRunMs: measured === 0 ? 0 : weighted / measured, slots };
  }

  private oldestWaitMs(): number {
    for (const { isWaiting, acceptedAt } of this.life.open) if (isWaiting) return this.clock.now() - acceptedAt;
    return 0;
  }
}

function ticket(
  spec: JobSpec,
  seq: number,
  how: Ticket['how'],
  ahead: number,
  estimatedWaitMs: number,
  outcome: Ticket['outcome'],
): Ticket {
  return { id: spec.key.id, seq, how, ahead, estimatedWaitMs, outcome };
}
