import type { Json } from '../../call/json.js';
import type { Timing } from '../../call/outcome.js';
import type { Priority } from '../../call/priority.js';
import type { JobSpec } from '../work-queue.js';
import type { Caller } from './caller.js';
import { isWaiting, type Phase } from './census.js';
import type { Ending } from '../ending.js';
import type { ShareTag } from './fair-share.js';
import type { HandOut } from './hand-out.js';
import type { Lane } from './lane.js';
import type { Link } from './linked-list.js';
import type { Holder } from './lock-table.js';

/** One accepted request, however many callers it has. `enter` is the only way from one phase to the next. */
export class Request {
  phase: Phase = 'locked';
  callers: Caller[] = [];
  /** Latest of all its callers' deadlines. */
  deadline: number;
  /** Class it is served in: a join may raise it, ageing too. */
  priority: Priority;
  /** Order in its class; a request that is put back keeps it. */
  place = 0;
  attempts = 0;
  /** It has added to the budget of retries, which a put-back does not take back. */
  isCounted = false;
  /** Writes of the upstream settled when this read began. */
  generation = 0;
  ending?: Ending;
  /** The latest; whoever holds an older one has lost the request. */
  handOut?: HandOut;
  locks?: Holder<Request>;
  share?: ShareTag;
  /** In the list of its class while ready, of its share while held back. */
  link?: Link<Request>;
  /** In the list of all that are open. */
  openLink?: Link<Request>;
  stopDelay?: () => void;
  stopGrace?: () => void;
  private phaseSince: number;
  private queuedMs = 0;
  private ranMs = 0;

  constructor(
    readonly seq: number,
    readonly spec: JobSpec,
    /** Ours alone: each hand-out gets a copy. */
    readonly payload: Json,
    readonly lane: Lane,
    readonly acceptedClass: Priority,
    readonly acceptedAt: number,
  ) {
    this.priority = acceptedClass;
    this.deadline = acceptedAt + spec.budgetMs;
    this.phaseSince = acceptedAt;
  }

  /** @returns ms spent in the phase that ends */
  enter(phase: Phase, now: number): number {
    const spentMs = now - this.phaseSince;
    if (this.phase === 'begun') this.ranMs += spentMs;
    else this.queuedMs += spentMs;
    this.lane.census.countWaiting(this.phase, this.priority, -1);
    this.lane.census.countWaiting(phase, this.priority, 1);
    this.phase = phase;
    this.phaseSince = now;
    return spentMs;
  }

  raise(priority: Priority): void {
    this.lane.census.countWaiting(this.phase, this.priority, -1);
    this.lane.census.countWaiting(this.phase, priority, 1);
    this.priority = priority;
  }

  timing(now: number): Timing {
    const sinceMs = this.phase === 'settled' ? 0 : now - this.phaseSince;
    const runs = this.phase === 'begun';
    return { attempts: this.attempts, queuedMs: this.queuedMs + (runs ? 0 : sinceMs), ranMs: this.ranMs + (runs ? sinceMs : 0) };
  }

  get isWaiting(): boolean {
    return isWaiting(this.phase);
  }

  /** True while one of its callers is still there. */
  get isWanted(): boolean {
    for (const { present } of this.callers) if (present) return true;
    return false;
  }
}
