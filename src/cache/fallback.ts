import { BridgeError } from '../call/bridge-error.js';
import type { CacheControl, CallPlan } from '../call/call-plan.js';
import { isRefusal } from '../call/refusal.js';
import type { CachedAnswer } from './cached-answer.js';
import type { StoredAnswer } from './stored-answer.js';

/** What may stand in for an upstream that is away, labelled as such; nothing where the caller asked for the truth. */
export function fallbackFor(
  { fallback }: CallPlan,
  { noCache, noStore }: CacheControl,
  error: unknown,
  stored: StoredAnswer | undefined,
  now: number,
): CachedAnswer<never> | undefined {
  if (noCache || noStore) return undefined;
  if (!(error instanceof BridgeError) || error.reason !== 'upstream_unavailable' || isRefusal(error)) return undefined;
  if (fallback.as === 'none') return undefined;
  if (stored && now < stored.staleUntil) {
    return { result: stored.result, cached: true, stale: { ageMs: Math.round(now - stored.storedAt) } };
  }
  return fallback.as === 'literal' ? { result: fallback.result, cached: false, fallback: fallback.label } : undefined;
}
