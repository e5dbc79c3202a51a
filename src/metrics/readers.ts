import type { QueueStats } from '../queue/work-queue.js';

/** What the gauges need to see of the queue. */
export abstract class QueueReader {
  abstract stats(signal: AbortSignal): Promise<QueueStats>;
}

/** What the gauges need to see of the session pool. */
export abstract class PoolReader {
  abstract servers(): readonly string[];
  abstract status(server: string): PoolStatus;
}

export interface PoolStatus {
  readonly ready: number;
  readonly busy: number;
  readonly idle: number;
  readonly starting: number;
  readonly leaving: number;
  readonly total: number;
  /** Percent. */
  readonly utilization: number;
  /** Sent and not answered; absent where a session takes one call at a time, so that it is `busy`. */
  readonly inFlight?: number;
}

/** What the gauges need to see of the cache. */
export abstract class CacheReader {
  abstract stats(): { readonly entries: number };
}

/** What the gauges need to see of the shared store. */
export abstract class StoreReader {
  abstract ready(): { readonly ok: boolean };
}
