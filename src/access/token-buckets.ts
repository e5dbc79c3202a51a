import { LRUCache } from 'lru-cache';
import { BridgeError } from '../call/bridge-error.js';
import type { Clock } from '../call/clock.js';
import type { SharedState, TokenGrant, TokenRate } from '../shared-state/shared-state.js';

const MAX_LOCAL_BUCKETS = 10_000;

/** A bucket of tokens for each caller, shared by all replicas; one of our own while the shared ones are out of reach. */
export class TokenBuckets {
  /** Per caller, the monotonic time in ms at which its bucket is full again. */
  private readonly fullAt = new LRUCache<string, number>({ max: MAX_LOCAL_BUCKETS });

  /** @param replicas how many share the rate, as last seen */
  constructor(
    readonly rate: TokenRate,
    private readonly shared: SharedState,
    private readonly clock: Clock,
    private readonly replicas: () => number,
  ) {}

  async take(share: string): Promise<TokenGrant> {
    try {
      return await this.shared.takeToken(`rate:${share}`, this.rate);
    } catch (error) {
      if (error instanceof BridgeError && error.reason === 'store_away') return this.takeLocally(share);
      throw error;
    }
  }

  private takeLocally(share: string): TokenGrant {
    const { capacity, refillPerSecond } = this.rate;
    const replicas = Math.max(1, this.replicas());
    const tokenMs = (1000 * replicas) / refillPerSecond;
    const bucketMs = Math.max(1, Math.floor(capacity / replicas)) * tokenMs;
    const now = this.clock.now();
    const fullAt = Math.max(now, this.fullAt.get(share) ?? now);
    const taken = fullAt + tokenMs - now <= bucketMs;
    const spentMs = (taken ? fullAt + tokenMs : fullAt) - now;
    if (taken) this.fullAt.set(share, fullAt + tokenMs);
    const remaining = Math.floor((bucketMs - spentMs) / tokenMs);
    return { taken, remaining, retryAfterMs: remaining > 0 ? 0 : Math.ceil(spentMs + tokenMs - bucketMs) };
  }
}
