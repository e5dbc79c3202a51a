import { CallAbort, type CallSignal } from '../../call/call-signal.js';
import type { Clock } from '../../call/clock.js';
import type { Json } from '../../call/json.js';
import type { Timing } from '../../call/outcome.js';
import type { Priority } from '../../call/priority.js';
import type { Job, JobAbort, JobSpec } from '../work-queue.js';
import type { HandOutKey, Kind } from './gate-answers.js';
import type { Held } from './gate.js';
import type { Leased } from './leases.js';

/** One hand-out that this process got, by the fast lane or from the scheduler. */
export interface Assignment {
  readonly key: HandOutKey;
  readonly seq: number;
  readonly lane: string;
  readonly kind: Kind;
  readonly priority: Priority;
  readonly payload: Json;
  readonly attempt: number;
  readonly remainingMs: number;
  /** Until this hand-out. */
  readonly queuedMs: number;
  /** The replica whose caller brought it. */
  readonly origin: string;
  readonly holdMs: number;
  readonly retry: JobSpec['retry'];
  /** By the monotonic clock: not later than we asked for it, as the lease counts from there; in the fast lane when the caller came. */
  readonly askedAt: number;
}

export interface RunEvents {
  readonly clock: Clock;
  isProven(run: Run): boolean;
  /** Journals the begin; false when the hand-out is no longer ours. */
  journal(run: Run): Promise<boolean>;
  lostLease(run: Run, why: 'taken' | 'fenced'): void;
  /** The deadline may have moved. */
  rescheduled(run: Run): void;
}

/** A hand-out in the hands of a consumer. */
export class Run implements Job, Leased {
  readonly id: string;
  readonly seq: number;
  readonly lane: string;
  readonly kind: Kind;
  readonly payload: Json;
  readonly attempt: number;
  readonly remainingMs: number;
  /** What comes back now changes nothing any more, but for a late truth. */
  isConcluded = false;
  /** On its way to the gate. */
  isTelling = false;
  /** Still not back after all its time: nobody waits for it any more. */
  isStuck = false;
  /** In other hands, or settled by others: there is nothing to tell. */
  isLost = false;
  begun = false;
  provenAt: number;
  /** By the monotonic clock; the patient joiner moves it. */
  deadlineAt: number;
  private begunAt?: number;
  private readonly claimedAt: number;
  private beginning?: Promise<boolean>;
  readonly revoked = new CallAbort();
  private readonly ending = new CallAbort<JobAbort>();

  constructor(
    readonly given: Assignment,
    private readonly on: RunEvents,
  ) {
    const { key, seq, lane, kind, payload, attempt, remainingMs, askedAt } = given;
    this.id = key.id;
    this.seq = seq;
    this.lane = lane;
    this.kind = kind;
    this.payload = payload;
    this.attempt = attempt;
    this.remainingMs = remainingMs;
    this.provenAt = askedAt;
    this.claimedAt = on.clock.now();
    this.deadlineAt = this.claimedAt + remainingMs;
  }

  get signal(): CallSignal {
    return this.ending;
  }

  get aborted(): JobAbort | undefined {
    return this.ending.reason;
  }

  async begin(): Promise<boolean> {
    if (this.begun) return this.held();
    this.beginning ??= this.tryBegin();
    return this.beginning;
  }

  held(): boolean {
    return this.begun && this.aborted === undefined && this.on.isProven(this);
  }

  /** The journal may hold a begin of which we have not heard yet. */
  get isBeginning(): boolean {
    return this.beginning !== undefined;
  }

  abort(why: JobAbort): void {
    this.ending.abort(why);
  }

  get handOut(): Held {
    return { ...this.given.key, begun: this.kind === 'read' || this.begun };
  }

  lost(why: 'taken' | 'fenced'): void {
    this.on.lostLease(this, why);
  }

  renewed(remainingMs: number): void {
    this.deadlineAt = this.on.clock.now() + remainingMs;
    this.on.rescheduled(this);
  }

  get ranMs(): number {
    return this.begunAt === undefined ? 0 : this.on.clock.now() - this.begunAt;
  }

  get timing(): Timing {
    const { queuedMs, attempt } = this.given;
    const sinceClaimMs = (this.begunAt ?? this.on.clock.now()) - this.claimedAt;
    return { attempts: this.begun ? attempt : attempt - 1, queuedMs: queuedMs + sinceClaimMs, ranMs: this.ranMs };
  }

  private async tryBegin(): Promise<boolean> {
    if (this.aborted !== undefined || !this.on.isProven(this) || this.on.clock.now() >= this.deadlineAt) return false;
    if (!(await this.on.journal(this))) return false;
    this.begun = true;
    this.begunAt = this.on.clock.now();
    // told to end while the journal was being written: no byte has left, and none will
    return this.held();
  }
}
