import type { JsonObject } from '../call/json.js';
import { PRIORITIES } from '../call/priority.js';
import type { Answer } from './answer.js';

/** What a caller may know about how this answer came about. */
export function bridgeInfo(answer: Answer): JsonObject {
  const { plan, loaded, cached, freshUntil, stale, fallback } = answer;
  return {
    execution_time_ms: Math.round(loaded?.ranMs ?? 0),
    queue_wait_ms: Math.round(loaded?.queuedMs ?? 0),
    session_id: plan.call.session ?? null,
    cached,
    priority: PRIORITIES[plan.priority],
    attempts: loaded?.attempts ?? 0,
    ...(freshUntil !== undefined && { cache_expires: new Date(freshUntil).toISOString() }),
    ...(loaded?.replayed && { replayed: true }),
    ...(stale && { stale: true, age_ms: Math.round(stale.ageMs) }),
    ...(fallback && { fallback }),
  };
}
