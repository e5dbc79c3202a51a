import type { ErrorBody } from './bridge-error.js';
import type { Json } from './json.js';

/**
 * How a call ended. There is no fifth state: what cannot be known is `unknown`, never a guess.
 *
 * - `done`: the upstream answered; a tool's own failure (`isError`) is an answer too. `omittedBytes` stands for the
 *   result of a replayed write whose answer was too large to keep: it was executed.
 * - `failed`: it will not happen, or the upstream said no. `begun` tells whether bytes had left us.
 * - `not_started`: proved that no byte reached an upstream; repeating is safe.
 * - `unknown`: a write was sent and its answer was lost; read the state before repeating.
 */
export type Outcome = Timing &
  (
    | { readonly state: 'done'; readonly result: Json }
    | { readonly state: 'done'; readonly omittedBytes: number }
    | { readonly state: 'failed'; readonly error: ErrorBody; readonly begun: boolean }
    | { readonly state: 'not_started'; readonly reason: NotStartedReason }
    | { readonly state: 'unknown'; readonly reason: string }
  );

export type NotStartedReason = 'queue_timeout' | 'cancelled' | 'draining';

export interface Timing {
  /** Hand-outs to an upstream that began, retries of reads included. */
  readonly attempts: number;
  readonly queuedMs: number;
  readonly ranMs: number;
}

/** Whether bytes may have reached an upstream. */
export function mayHaveHappened(outcome: Outcome): boolean {
  switch (outcome.state) {
    case 'done':
    case 'unknown':
      return true;
    case 'failed':
      return outcome.begun;
    case 'not_started':
      return false;
    default:
      return outcome satisfies never;
  }
}
