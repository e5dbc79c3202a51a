import type { Clock } from '../call/clock.js';
import type { SessionNeed } from './session-need.js';
import type { SessionState, UpstreamSession } from './upstream-session.js';

/** One child as the pool needs it: the public side of `UpstreamSession`. */
export type ChildSession = Pick<UpstreamSession, keyof UpstreamSession>;

/** `spare`: handshaken and standing by. A spare becomes one of the others at once, and none of them goes back. */
export type SessionRole = { readonly as: 'spare' | 'plain' } | { readonly as: 'dedicated'; readonly client: string };

/** A child in the pool: whom it serves, and what it carries. */
export class PooledSession {
  role: SessionRole = { as: 'spare' };
  /** Calls it is lent to; a call that only prepares to send counts too, so this is not the session's own figure. */
  calls = 0;
  writes = 0;
  /** Lent to a call that must have no neighbour. */
  alone = false;
  /** Kept free for the call of this fingerprint, which must run alone. */
  reservedFor: string | undefined;
  /** The change feed is heard on it: it is not ended just for being idle. */
  isSource = false;
  /** Has answered a call, or lived long enough: its end is no failure to start. */
  proved = false;
  usedAt: number;
  private seenState: SessionState | undefined;
  private seenBlocked = false;

  constructor(
    readonly session: ChildSession,
    private readonly clock: Clock,
  ) {
    this.usedAt = clock.now();
  }

  /** Neither on its way out nor choked. */
  get takesCalls(): boolean {
    return this.session.state === 'ready' && !this.session.blocked;
  }

  /** Says nothing about room. */
  isFreeFor(need: SessionNeed): boolean {
    return this.takesCalls && !this.alone && (this.reservedFor === undefined || this.reservedFor === need.fingerprint);
  }

  /** Still here or may come back. */
  get isAlive(): boolean {
    return this.session.state === 'ready' || this.session.state === 'retiring';
  }

  /** Calls the queue may have on it: once it takes no more, only those it carries. */
  slots(maxInFlight: number): number {
    return this.takesCalls && !this.alone && this.reservedFor === undefined ? maxInFlight : this.calls;
  }

  carry(kind: 'read' | 'write', alone: boolean): void {
    this.calls += 1;
    if (kind === 'write') this.writes += 1;
    this.alone = alone;
    this.reservedFor = undefined;
    this.usedAt = this.clock.now();
  }

  drop(kind: 'read' | 'write'): void {
    this.calls -= 1;
    if (kind === 'write') this.writes -= 1;
    this.alone = false;
    this.usedAt = this.clock.now();
  }

  /** Whether it began or ceased to take calls, or to be there, since this was last asked. */
  hasTurned(): boolean {
    const { state, blocked } = this.session;
    const turned = state !== this.seenState || blocked !== this.seenBlocked;
    this.seenState = state;
    this.seenBlocked = blocked;
    return turned;
  }
}
