import type { QueueStats } from '../queue/work-queue.js';
import type { UpstreamStatus } from '../session-pool/upstream-status.js';

/** What the gauges need to see of the circuit breakers. */
export abstract class BreakerReader {
  abstract states(): readonly { readonly upstream: string; readonly state: 'closed' | 'half_open' | 'open' }[];
}

/** What the gauges need to see of the queue. */
export abstract class QueueReader {
  abstract stats(signal: AbortSignal): Promise<QueueStats>;
}

/** What the gauges need to see of the session pool. */
export abstract class PoolReader {
  abstract servers(): readonly string[];
  abstract status(server: string): UpstreamStatus;
}

/** What the gauges need to see of the cache. */
export abstract class CacheReader {
  abstract stats(): { readonly entries: number };
}

/** What the gauges need to see of this process's readiness. */
export abstract class ReadinessReader {
  /** Undefined when ready. */
  abstract obstacle(): string | undefined;
}

/** What the gauges need to see of Redis, also where there is none. */
export abstract class RedisReader {
  abstract isVolatile(): boolean;
}

/** What the gauges need to see of the shared store. */
export abstract class StoreReader {
  abstract ready(): { readonly ok: boolean };
}
