import type { CallSignal } from '../../call/call-signal.js';
import type { Clock } from '../../call/clock.js';
import type { Outcome } from '../../call/outcome.js';
import type { JobSpec } from '../work-queue.js';

export interface CallerEvents {
  expired(caller: Caller): void;
  left(caller: Caller): void;
}

/** One HTTP call that waits here. Its own timer sees to its answer, even if Redis never comes back. */
export class Caller {
  readonly outcome: Promise<Outcome>;
  readonly since: number;
  /** False once it has left or its time is over; it stays on the list, since its deadline still bounds a write that began. */
  present: boolean;
  /** When it was last brought to the gate; until that is too old to be taken, absence there proves nothing. */
  private sentAt: number;
  /** The epoch of Redis that was known then. */
  sentUnder?: string;
  /** Of the request it waits for; unknown until it is accepted. */
  seq?: number;
  private resolve: ((outcome: Outcome) => void) | undefined;
  private readonly stopTimer: () => void;

  constructor(
    /** Under which the gate knows the request. */
    readonly id: string,
    readonly spec: JobSpec,
    private readonly signal: CallSignal,
    private readonly clock: Clock,
    private readonly on: CallerEvents,
  ) {
    this.since = clock.now();
    this.sentAt = this.since;
    this.present = !signal.aborted;
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    this.stopTimer = clock.after(Math.max(0, spec.budgetMs), () => on.expired(this));
    signal.addEventListener('abort', this);
  }

  handleEvent(): void {
    this.present = false;
    // before that there is nothing to take back; whoever accepts it looks again
    if (this.seq !== undefined) this.on.left(this);
  }

  get waitedMs(): number {
    return this.clock.now() - this.since;
  }

  sent(epoch: string | undefined): void {
    this.sentAt = this.clock.now();
    this.sentUnder = epoch;
  }

  get sentForMs(): number {
    return this.clock.now() - this.sentAt;
  }

  get remainingMs(): number {
    return this.spec.budgetMs - this.waitedMs;
  }

  get isAnswered(): boolean {
    return this.resolve === undefined;
  }

  answer(outcome: Outcome): void {
    this.dismiss();
    this.resolve?.(outcome);
    this.resolve = undefined;
  }

  /** Nothing will come of it: it was never accepted. */
  dismiss(): void {
    this.stopTimer();
    this.signal.removeEventListener('abort', this);
  }
}
