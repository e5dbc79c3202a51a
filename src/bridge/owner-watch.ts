import { BridgeError } from '../call/bridge-error.js';
import type { CallPlan } from '../call/call-plan.js';
import { type AbortListener, CallAbort, type CallSignal } from '../call/call-signal.js';
import type { Outcome } from '../call/outcome.js';
import type { Replicas } from '../shared-state/replicas.js';
import { sessionExpired } from './client-sessions.js';

/**
 * The call of a client whose child lives on another replica: when that one is gone, its caller leaves. What waited there
 * never starts then, and the end is told in words that say what to do.
 */
export class OwnerWatch implements AbortListener {
  /** Stands for the caller's own signal. */
  readonly leaving = new CallAbort();
  private isGone = false;
  private readonly unwatch: () => void;

  constructor(
    replicas: Replicas,
    private readonly owner: string,
    private readonly session: string | undefined,
    private readonly signal: CallSignal,
  ) {
    signal.addEventListener('abort', this);
    this.unwatch = replicas.whenGone(owner, () => {
      this.isGone = true;
      this.leaving.abort();
    });
    if (signal.aborted) this.handleEvent();
  }

  handleEvent(): void {
    this.leaving.abort(this.signal.reason);
  }

  /** @throws BridgeError when the call ended because the owner is gone */
  ended(outcome: Outcome, kind: CallPlan['kind']): void {
    // a write that had begun is told as it is: unknown
    if (!this.isOwnerGone(outcome) || !(outcome.state === 'not_started' || (outcome.state === 'failed' && kind === 'read'))) return;
    if (this.session !== undefined) throw sessionExpired(this.session).with({ outcome: 'not_started' });
    throw new BridgeError('no_sessions', 'The replica that held the session is gone', { replica: this.owner, outcome: 'not_started' });
  }

  close(): void {
    this.signal.removeEventListener('abort', this);
    this.unwatch();
  }

  /** The queue drops what no replica may run, and may know so before we have listened for long enough. */
  private isOwnerGone(outcome: Outcome): boolean {
    return this.isGone || (outcome.state === 'not_started' && outcome.reason === 'cancelled' && !this.signal.aborted);
  }
}
