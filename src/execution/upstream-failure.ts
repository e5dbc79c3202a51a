import { isJsonObject, type JsonObject } from '../call/json.js';

/**
 * What an upstream may say, in `_meta["bridge/failure"]` of an `isError` result, about a failure that is not the tool's own.
 * `dispatched: false` is its proof that nothing was sent on; without it a write cannot be repeated.
 */
export interface UpstreamFailure {
  readonly kind: 'unavailable' | 'refused' | 'unknown';
  readonly code: string;
  readonly dispatched: boolean;
  readonly retryAfterMs?: number;
  readonly suggestion?: string;
}

/** Undefined for every result that is simply the tool's answer, its own failures included. */
export function upstreamFailureOf(result: JsonObject): UpstreamFailure | undefined {
  if (result.isError !== true || !isJsonObject(result._meta)) return undefined;
  const failure = result._meta['bridge/failure'];
  if (!isJsonObject(failure)) return undefined;
  const { kind, code, dispatched, retry_after_ms: retryAfterMs, suggestion } = failure;
  if (kind !== 'unavailable' && kind !== 'refused' && kind !== 'unknown') return undefined;
  return {
    kind,
    code: typeof code === 'string' ? code : kind,
    dispatched: dispatched !== false,
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    ...(typeof suggestion === 'string' && { suggestion }),
  };
}
