import { BridgeError } from '../call/bridge-error.js';
import type { CallPlan, CallResult } from '../call/call-plan.js';
import type { Outcome } from '../call/outcome.js';

/** The words for every ending; a write's always say what became of it. */
export function resultOf(outcome: Outcome, kind: CallPlan['kind']): CallResult {
  switch (outcome.state) {
    case 'done':
      if ('result' in outcome) return outcome.result as CallResult;
      throw new BridgeError('too_large', 'The call was executed; its answer was too large to be kept for a replay', {
        limit: 'replay',
        bytes: outcome.omittedBytes,
        outcome: 'done',
      });
    case 'failed': {
      const error = BridgeError.from(outcome.error);
      return raise(kind === 'read' || 'outcome' in error.data ? error : error.with({ outcome: outcome.begun ? 'failed' : 'not_started' }));
    }
    case 'not_started':
      return raise(notStarted(outcome.reason));
    case 'unknown':
      return raise(unknown(outcome.reason));
    default:
      return outcome satisfies never;
  }
}

function raise(error: BridgeError): never {
  throw error;
}

function notStarted(reason: Extract<Outcome, { state: 'not_started' }>['reason']): BridgeError {
  const outcome = 'not_started';
  switch (reason) {
    case 'queue_timeout':
      return new BridgeError('deadline_passed', 'The time ran out before the call could start', { phase: 'queued', outcome });
    case 'cancelled':
      return new BridgeError('deadline_passed', 'The caller left before the call could start', { phase: 'queued', outcome, reason });
    case 'draining':
      return new BridgeError('draining', 'The bridge is shutting down', { outcome, reason });
    default:
      return reason satisfies never;
  }
}

const UNTOLD = 'The time ran out while the shared store could not be reached: nobody can tell whether the call has begun';
const HINT = 'Read the state before repeating, or repeat with the same X-Request-ID';

function unknown(reason: string): BridgeError {
  if (reason === 'deadline') {
    return new BridgeError('deadline_passed', 'The time ran out while the call was running', {
      phase: 'running',
      outcome: 'unknown',
      hint: HINT,
    });
  }
  if (reason === 'reply_too_large') {
    return new BridgeError('outcome_unknown', 'The call was sent and its answer was too long to be read', {
      outcome: 'unknown',
      reason,
      hint: 'Read the state before repeating; session_pool.max_line_mb is what a child may answer',
    });
  }
  if (reason === 'store_away') return new BridgeError('outcome_unknown', UNTOLD, { outcome: 'unknown', reason, hint: HINT });
  return new BridgeError('outcome_unknown', 'The call was sent and its answer was lost', { outcome: 'unknown', reason, hint: HINT });
}
