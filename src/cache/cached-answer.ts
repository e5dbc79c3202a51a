import type { CallResult } from '../call/call-plan.js';

/** What `remember` gives back: the result, and the truth about where it came from. */
export interface CachedAnswer<Extra> {
  readonly result: CallResult;
  /** Present when this very caller's `load` ran and gave the result. */
  readonly loaded?: Extra;
  readonly cached: boolean;
  /** Until when the stored answer is fresh; absent when nothing is stored. Wall clock, ms since 1970. */
  readonly freshUntil?: number;
  /** How old a stored answer is. */
  readonly ageMs?: number;
  /** Past its time, given because the upstream is unavailable. */
  readonly stale?: { readonly ageMs: number };
  /** Not the upstream's words at all, but the policy's. */
  readonly fallback?: 'empty' | 'minimal';
}
