import type { CachedAnswer } from '../cache/cached-answer.js';
import type { CallPlan } from '../call/call-plan.js';
import type { Timing } from '../call/outcome.js';

/** How a result came about, beside the result: what `bridge_info` tells. */
export interface Ran extends Timing {
  readonly replayed: boolean;
}

export interface Answer extends CachedAnswer<Ran> {
  readonly plan: CallPlan;
}
