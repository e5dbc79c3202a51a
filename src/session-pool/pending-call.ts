import type { CallSignal } from '../call/call-signal.js';
import type { Clock } from '../call/clock.js';
import type { CallOptions, Exchange } from './exchange.js';
import type { Gate, OutgoingLine } from './outgoing-queue.js';
import type { LostReason, Reply } from './reply.js';

/** What a call needs of the client that carries it. */
export interface CallCarrier {
  readonly clock: Clock;
  /** Takes the request out of the own queue; false when it has been handed over. */
  withdraw(call: PendingCall): boolean;
  /** Tells the child that nobody waits for this any more. */
  cancelOnChild(call: PendingCall): void;
  /** A write was given up and is owed from now on. */
  owed(): void;
  /** The child has had its time to answer a write that was given up. */
  overdue(): void;
  /** A write that was sent may not go on. */
  revoked(): void;
  settled(call: PendingCall): void;
}

const HOLD_MS = 2000;
/** The longest a Node timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** One request, until the child owes nothing for it. Its own gate, and its own listener to its signal. */
export class PendingCall implements Gate {
  readonly exchange: Exchange;
  /** Its caller was told, but it is a write whose bytes have left: it lasts until the child has answered or is dead. */
  owed = false;
  /** Owed for longer than its hold. */
  overdue = false;
  /** Absent when the request never got into the queue. */
  line?: OutgoingLine | undefined;
  private over = false;
  /** What its caller was told, when that was not yet the end. */
  private told: Reply | undefined;
  private reply: ((reply: Reply) => void) | undefined;
  private settle: ((lastWord: Reply) => void) | undefined;
  private stopTimer: (() => void) | undefined;

  constructor(
    readonly id: number,
    readonly options: CallOptions,
    private readonly carrier: CallCarrier,
    private readonly signal: CallSignal,
  ) {
    const settled = new Promise<Reply>((resolve) => (this.settle = resolve));
    // the two moments of a read are one
    const reply = this.isWrite ? new Promise<Reply>((resolve) => (this.reply = resolve)) : settled;
    this.exchange = { reply, settled };
    signal.addEventListener('abort', this);
    options.revoked?.addEventListener('abort', this);
    this.watch();
  }

  get isWrite(): boolean {
    return this.options.kind === 'write';
  }

  get callerWaits(): boolean {
    return !this.over && !this.owed;
  }

  /** The child's word, or ours that its word cannot be used. */
  answer(reply: Reply): void {
    this.end(reply, reply);
  }

  progress(): void {
    if (this.callerWaits && this.options.quietMs !== undefined) this.watch();
  }

  mayLeave(): boolean {
    return this.options.fence?.() ?? true;
  }

  dropped(): void {
    this.dropUnsent({ kind: 'cancelled', sent: false });
  }

  handleEvent(): void {
    this.abort();
  }

  /** Nothing left and nothing will: dropped by its fence, or refused by the queue. */
  dropUnsent(reply: Reply): void {
    this.end(reply);
  }

  /** The child will not answer any more, but it may still act: a write that was sent stays owed until `lose`. */
  forsake(reason: LostReason, detail: string): void {
    if (!this.callerWaits) return;
    const sent = !this.carrier.withdraw(this);
    if (sent && this.isWrite) this.owe({ kind: 'lost', reason, sent, detail });
    else this.end({ kind: 'lost', reason, sent, detail });
  }

  /** The child is dead. */
  lose(reason: LostReason, detail: string): void {
    this.end({ kind: 'lost', reason, sent: !this.carrier.withdraw(this), detail });
  }

  private abort(): void {
    const sentWrite = this.isWrite && !this.over && !this.carrier.withdraw(this);
    this.giveUp(this.signal.reason === 'deadline' ? 'timed_out' : 'cancelled');
    if (sentWrite && this.options.revoked?.aborted) this.carrier.revoked();
  }

  private giveUp(kind: 'timed_out' | 'cancelled'): void {
    if (!this.callerWaits) return;
    const sent = !this.carrier.withdraw(this);
    if (sent) this.carrier.cancelOnChild(this);
    if (!sent || !this.isWrite) {
      this.end({ kind, sent });
      return;
    }
    this.owe({ kind, sent });
    this.stopTimer = this.carrier.clock.after(this.options.holdMs ?? HOLD_MS, () => {
      this.overdue = true;
      this.carrier.overdue();
    });
  }

  private owe(reply: Reply): void {
    this.owed = true;
    this.told = reply;
    this.stopTimer?.();
    this.reply?.(reply);
    this.carrier.owed();
  }

  private end(reply: Reply, lastWord = this.told ?? reply): void {
    if (this.over) return;
    this.over = true;
    this.stopTimer?.();
    this.signal.removeEventListener('abort', this);
    this.options.revoked?.removeEventListener('abort', this);
    this.reply?.(reply);
    this.settle?.(lastWord);
    this.carrier.settled(this);
  }

  private watch(): void {
    this.stopTimer?.();
    const { deadline, quietMs = Number.POSITIVE_INFINITY } = this.options;
    const waitMs = Math.min(deadline - this.carrier.clock.now(), quietMs);
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.stopTimer = this.carrier.clock.after(Math.max(0, Math.min(waitMs, MAX_TIMER_MS)), () => this.giveUp('timed_out'));
  }
}
