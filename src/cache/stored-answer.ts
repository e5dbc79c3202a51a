import type { CachePlan, CallResult } from '../call/call-plan.js';

/** An answer as this process keeps it. Times are those of its monotonic clock. */
export interface StoredAnswer {
  readonly result: CallResult;
  readonly bytes: number;
  readonly storedAt: number;
  readonly freshUntil: number;
  /** Until then it may stand in for an upstream that is away. */
  readonly staleUntil: number;
  readonly server: string;
  readonly tags: readonly string[];
  /** The moment, in the count of `Generations`, at which the read began that gave it. */
  readonly since: number;
}

const STALE_FACTOR = 10;
const STALE_AT_MOST_MS = 3_600_000;

/** Times counted from `now`, when the answer arrived. */
export function lifeOf({ ttlMs }: CachePlan, now: number): Pick<StoredAnswer, 'storedAt' | 'freshUntil' | 'staleUntil'> {
  return { storedAt: now, freshUntil: now + ttlMs, staleUntil: now + Math.max(ttlMs, Math.min(ttlMs * STALE_FACTOR, STALE_AT_MOST_MS)) };
}

/** Failures, and questions back to the caller, are nobody else's answer. */
export function isStorable(result: CallResult): boolean {
  return result.isError !== true && (result.resultType === undefined || result.resultType === 'complete');
}
