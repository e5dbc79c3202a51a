import { Logger } from '@nestjs/common';
import type { Clock } from '../../call/clock.js';
import type { Observe } from '../queue-observer.js';
import type { ClusterTimes } from './cluster-times.js';
import type { Settlement } from './gate-answers.js';
import type { Gate } from './gate.js';
import type { ReplicaMessage } from './replica-message.js';
import { replyOf } from './settlement-ending.js';
import type { WaitingCallers } from './waiting-callers.js';

export interface ReplyEvents {
  /** Nobody waits any more for a read that runs here. */
  cancelled(id: string, holder: string): void;
  /** Redis does not know a request that callers here wait for. */
  missing(id: string): void;
  /** It ran here, and the gate is being told how it ended: whoever tells it has the whole result, and answers the callers. */
  isBeingTold(id: string): boolean;
}

/** A peek is one script: so many ids at a time. */
const ASKED_AT_ONCE = 200;

/**
 * The way back. A message of the one who finished is the fast way and may be lost; the record is the truth and is asked
 * for whatever has been waited for too long.
 */
export class Replies {
  private stopAsking: (() => void) | undefined;
  private readonly logger = new Logger('WorkQueue');

  constructor(
    private readonly gate: Gate,
    private readonly callers: WaitingCallers,
    private readonly clock: Clock,
    private readonly times: Pick<ClusterTimes, 'reconcileMs'>,
    private readonly observe: Observe,
    private readonly on: ReplyEvents,
  ) {}

  start(): void {
    this.stopAsking = this.clock.after(this.times.reconcileMs, () => void this.askAgain());
  }

  close(): void {
    this.stopAsking?.();
    this.stopAsking = undefined;
  }

  /** A message on the channel of this replica. Never rejects: what cannot be had now is asked for again. */
  async hear(message: ReplicaMessage): Promise<void> {
    switch (message.is) {
      case 'settled':
        await this.deliver(message.settlement, message.body).catch(() => undefined);
        return;
      case 'cancel':
        this.on.cancelled(message.id, message.holder);
        return;
      default:
        message satisfies never;
    }
  }

  /** Answers the callers here with what the record says. Rejects when its body cannot be had now. */
  async deliver(settlement: Settlement, body?: Buffer): Promise<void> {
    if (!this.isAwaited(settlement)) return;
    const whole = body ?? (settlement.body === 'stored' ? await this.gate.body(settlement.id) : undefined);
    if (!whole && isReadInVain(settlement)) {
      this.on.missing(settlement.id);
      return;
    }
    this.callers.settle(await replyOf(settlement, whole));
  }

  /** Asks for what has been waited for longer than `ms`: messages may have been missed. */
  async reconcile(ms = 0): Promise<void> {
    const ids = this.callers.overdue(ms);
    for (let from = 0; from < ids.length; from += ASKED_AT_ONCE) await this.ask(ids.slice(from, from + ASKED_AT_ONCE));
  }

  private isAwaited({ id }: Settlement): boolean {
    return this.callers.of(id).some(({ isAnswered }) => !isAnswered) && !this.on.isBeingTold(id);
  }

  private async ask(ids: readonly string[]): Promise<void> {
    try {
      const { epoch, settled, missing } = await this.gate.peek(ids.map((id) => ({ id })));
      for (const settlement of settled) {
        if (this.isAwaited(settlement)) this.observe({ is: 'reconciled' });
        await this.deliver(settlement);
      }
      // before anybody has looked at what Redis still knows, absence says nothing
      if (epoch !== undefined) for (const id of missing) this.on.missing(id);
    } catch (error) {
      this.logger.debug(`Redis was not asked for ${ids.length} calls: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async askAgain(): Promise<void> {
    await this.reconcile(this.times.reconcileMs);
    if (this.stopAsking) this.start();
  }
}

/** Its answer was not kept, since nobody seemed to wait for it: what matters of a read is forgotten. */
function isReadInVain({ kind, state, body }: Settlement): boolean {
  return kind === 'read' && state === 'done' && body !== 'none';
}
