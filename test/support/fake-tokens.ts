import { BridgeError } from '../../src/call/bridge-error.js';
import type { SharedState, TokenGrant, TokenRate } from '../../src/shared-state/shared-state.js';

/** The one verb of the shared state that the rate limit needs, without refill: a bucket only ever gets emptier. */
export class FakeTokens implements Pick<SharedState, 'takeToken' | 'ready'> {
  readonly taken = new Map<string, number>();
  isAway = false;

  takeToken(bucket: string, { capacity, refillPerSecond }: TokenRate): Promise<TokenGrant> {
    if (this.isAway) return Promise.reject(new BridgeError('store_away', 'away'));
    const before = this.taken.get(bucket) ?? 0;
    if (before >= capacity) return Promise.resolve({ taken: false, remaining: 0, retryAfterMs: 1000 / refillPerSecond });
    this.taken.set(bucket, before + 1);
    return Promise.resolve({ taken: true, remaining: capacity - before - 1, retryAfterMs: 0 });
  }

  ready() {
    return { ok: !this.isAway, reason: 'away' };
  }
}
