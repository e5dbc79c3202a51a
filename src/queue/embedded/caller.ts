import type { Clock } from '../../call/clock.js';
import type { Outcome } from '../../call/outcome.js';

/** One HTTP call that waits for a request's outcome, with a deadline of its own. */
export class Caller {
  readonly outcome: Promise<Outcome>;
  /** False once the caller has left; he stays on the list, since his deadline still bounds a write that began. */
  present = true;
  private resolve: (outcome: Outcome) => void = () => undefined;
  private readonly stopTimer: () => void;
  private readonly onAbort: () => void;

  constructor(
    clock: Clock,
    readonly deadline: number,
    private readonly signal: AbortSignal,
    on: { readonly expired: (caller: Caller) => void; readonly left: (caller: Caller) => void },
  ) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    this.stopTimer = clock.after(Math.max(0, deadline - clock.now()), () => on.expired(this));
    this.onAbort = () => {
      this.present = false;
      on.left(this);
    };
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  answer(outcome: Outcome): void {
    this.stopTimer();
    this.signal.removeEventListener('abort', this.onAbort);
    this.resolve(outcome);
  }
}
