import type { Clock } from '../../call/clock.js';
import { QUEUE_RULES } from '../queue-rules.js';
import type { Job, Verdict } from '../work-queue.js';
import { Ageing } from './ageing.js';
import { Census } from './census.js';
import { ClassQueues } from './class-queues.js';
import { FairShare } from './fair-share.js';
import type { HandOut } from './hand-out.js';

export type Run = (job: Job) => Promise<Verdict>;

/** What one upstream has of its own: slots, order, shares, pace. */
export class Lane {
  readonly ready = new ClassQueues();
  readonly shares = new FairShare();
  readonly census: Census;
  readonly ageing: Ageing;
  /** Runs that have not returned: each takes a slot, whatever became of its request. */
  private runs = 0;
  run?: Run;
  slots = 0;
  /** A hand-out may settle others before it returns; one loop serves them all. */
  isServed = false;
  avgRunMs = 0;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(
    readonly name: string,
    /** Replicas may have lanes of their own to the same upstream: `<upstream>@<replica>`. */
    readonly upstream: string,
    whole: Census,
    ageingEveryMs: number,
  ) {
    this.census = new Census(whole);
    this.ageing = new Ageing(ageingEveryMs);
  }

  get hasFreeSlot(): boolean {
    return this.run !== undefined && this.runs < this.slots;
  }

  get isIdle(): boolean {
    return this.run === undefined && this.runs === 0 && this.census.waiting === 0;
  }

  take(handOut: HandOut): void {
    this.runs += 1;
    this.census.countRunning(handOut.priority, 1);
  }

  giveBack(handOut: HandOut): void {
    this.runs -= 1;
    this.census.countRunning(handOut.priority, -1);
    if (this.runs === 0) for (const wake of this.idleWaiters.splice(0)) wake();
  }

  /** Resolves when no run is out, or after `ms`. */
  whenIdle(clock: Clock, ms: number): Promise<void> {
    if (this.runs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = clock.after(ms, resolve);
      this.idleWaiters.push(() => {
        stop();
        resolve();
      });
    });
  }

  measure(ranMs: number): void {
    this.avgRunMs = this.avgRunMs === 0 ? ranMs : this.avgRunMs + QUEUE_RULES.smoothing * (ranMs - this.avgRunMs);
  }
}
