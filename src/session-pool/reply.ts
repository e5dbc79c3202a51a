import type { Json, JsonObject } from '../call/json.js';

/**
 * How one exchange with an upstream ended. `sent` is a fact: false means that no byte of the request has left this
 * process. Nothing is retried in this folder.
 */
export type Reply =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | { readonly kind: 'rpc_error'; readonly error: RpcError }
  | NotLent
  | { readonly kind: 'lost'; readonly reason: LostReason; readonly sent: boolean; readonly detail?: string }
  | { readonly kind: 'timed_out' | 'cancelled'; readonly sent: boolean };

/** No session took the call; no byte left. */
export type NotLent =
  /** None of its kind became free in 50 ms; another hand-out may find one. */
  | { readonly kind: 'no_session'; readonly retryAfterMs?: number }
  /** The pool knows that waiting would not help. */
  | {
      readonly kind: 'refused';
      readonly reason: 'start_failed' | 'quarantined' | 'pool_full' | 'client_gone' | 'stdin_full';
      readonly detail: string;
      readonly retryAfterMs?: number;
    }
  | TooLong;

/** No child would ever be sent it, however fast it reads. */
export interface TooLong {
  readonly kind: 'refused';
  readonly reason: 'line_too_long';
  readonly detail: string;
  readonly bytes: number;
  readonly limit: number;
}

/** The child ended, its stdin broke, we ended it; or its answer could not be used (then the child lives). */
export type LostReason = 'exit' | 'stdin' | 'killed' | 'bad_reply' | 'reply_too_large';

/** The upstream's own words; they never pass to a caller untranslated. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}
