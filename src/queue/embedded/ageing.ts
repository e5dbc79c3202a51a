import { QUEUE_RULES } from '../queue-rules.js';
import type { ClassQueues } from './class-queues.js';
import type { Request } from './request.js';

const { settledPerAged, agedAfterPart } = QUEUE_RULES;

/**
 * Strict classes let BULK starve, so a request that has waited a quarter of its budget may rise to HIGH: at most one
 * in ten, so that a flood cannot become a second HIGH class, and never to CRITICAL.
 */
export class Ageing {
  private settled = 0;
  private lastAt = -Infinity;

  constructor(private readonly everyMs: number) {}

  countSettled(): void {
    this.settled += 1;
  }

  /** The one whose turn it is to rise, if any. */
  pick(ready: ClassQueues, now: number): Request | undefined {
    if (this.settled < settledPerAged || now - this.lastAt < this.everyMs) return undefined;
    const aged = ready.oldestBelowHigh().find(({ acceptedAt, deadline }) => now - acceptedAt >= agedAfterPart * (deadline - acceptedAt));
    if (!aged) return undefined;
    this.settled = 0;
    this.lastAt = now;
    return aged;
  }
}
