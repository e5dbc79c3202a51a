import { BridgeError } from '../../call/bridge-error.js';
import type { Priority } from '../../call/priority.js';

/** Waiting calls a class may find, in percent of `queue.max_size`: the urgent still get in when the rest is shed. */
const LIMIT_PERCENT: Record<Priority, number> = { 0: 110, 1: 105, 2: 100, 3: 100, 4: 80 };

const MIN_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
const JITTER = 0.2;

/** Counts who waits; who runs, joins or comes back does not count. */
export class Admission {
  constructor(
    private readonly maxSize: number,
    private readonly random: () => number,
  ) {}

  /** @throws BridgeError `queue_full` */
  admit(priority: Priority, waiting: number, pace: { readonly avgRunMs: number; readonly slots: number }): void {
    if (waiting * 100 < this.maxSize * LIMIT_PERCENT[priority]) return;
    const estimatedMs = estimateMs(waiting, pace);
    throw new BridgeError('queue_full', 'The queue is full', {
      queue_size: waiting,
      estimated_wait_ms: Math.round(estimatedMs),
      retry_after_ms: this.retryAfterMs(estimatedMs),
      outcome: 'not_started',
    });
  }

  /** Whole seconds, plus some jitter: those who were refused together do not come back together. */
  private retryAfterMs(estimatedMs: number): number {
    const wholeMs = Math.ceil(estimatedMs / 1_000) * 1_000;
    return Math.round(Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, wholeMs)) * (1 + JITTER * this.random()));
  }
}

/** How long `ahead` requests take at the present pace; 0 while nothing has been measured. */
export function estimateMs(ahead: number, pace: { readonly avgRunMs: number; readonly slots: number }): number {
  return (ahead * pace.avgRunMs) / Math.max(1, pace.slots);
}
