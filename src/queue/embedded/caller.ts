import type { CallSignal } from '../../call/call-signal.js';
import type { Clock } from '../../call/clock.js';
import type { Outcome } from '../../call/outcome.js';
import type { Request } from './request.js';

export interface CallerEvents {
  readonly clock: Clock;
  expired(caller: Caller): void;
  left(caller: Caller): void;
}

/** One HTTP call that waits for a request's outcome, with a deadline of its own. Listens to its signal itself. */
export class Caller {
  readonly outcome: Promise<Outcome>;
  /** False once the caller has left; it stays on the list, since its deadline still bounds a write that began. */
  present = true;
  private resolve: ((outcome: Outcome) => void) | undefined;
  private readonly stopTimer: () => void;

  constructor(
    readonly request: Request,
    waitMs: number,
    private readonly signal: CallSignal,
    private readonly on: CallerEvents,
  ) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    this.stopTimer = on.clock.after(Math.max(0, waitMs), () => on.expired(this));
    signal.addEventListener('abort', this);
  }

  handleEvent(): void {
    this.leave();
  }

  leave(): void {
    this.present = false;
    this.on.left(this);
  }

  answer(outcome: Outcome): void {
    this.stopTimer();
    this.signal.removeEventListener('abort', this);
    this.resolve?.(outcome);
  }
}
