import { BridgeError, type ErrorBody } from '../../call/bridge-error.js';
import { type RunEnding, stopped } from '../ending.js';
import type { JobAbort, Verdict } from '../work-queue.js';
import type { Kind } from './gate-answers.js';

/** A throw is a verdict too. */
export type Returned = Verdict | { readonly as: 'crashed' };

/** What the gate is told of a run that is back: how the call ended, or that somebody may have another go. */
export type Conclusion =
  | { readonly as: 'finish'; readonly ending: RunEnding }
  /** Nobody waits any more for a read that ran. */
  | { readonly as: 'cancel' }
  | { readonly as: 'give_back'; readonly how: 'put_back'; readonly delayMs: number; readonly why: string }
  | { readonly as: 'give_back'; readonly how: 'retry'; readonly delayMs: number; readonly error: ErrorBody };

/** What a verdict needs to know of its run. */
export interface Finished {
  readonly kind: Kind;
  readonly begun: boolean;
  readonly aborted?: JobAbort;
  /** Pause before another attempt in ms; undefined: there is none. */
  readonly nextPauseMs: () => number | undefined;
}

/** A write whose bytes may have left never runs again; a read may, and what is proved not to have left does. */
export function conclude(verdict: Returned, run: Finished): Conclusion {
  const { kind, begun } = run;
  switch (verdict.as) {
    case 'done':
      return finish({ state: 'done', result: verdict.result });
    case 'failed':
      return finish({ state: 'failed', error: verdict.error, begun });
    case 'retry':
      return kind === 'read' ? again(verdict.error, run) : finish({ state: 'failed', error: verdict.error, begun });
    case 'unknown':
      return kind === 'read' ? again(answerLost(verdict.reason), run) : finish({ state: 'unknown', reason: verdict.reason });
    case 'put_back':
      return { as: 'give_back', how: 'put_back', delayMs: Math.max(0, verdict.afterMs), why: verdict.reason };
    case 'crashed':
      return finish(begun && kind === 'write' ? UNKNOWN : { state: 'failed', error: BUG, begun });
    default:
      return verdict satisfies never;
  }
}

function again(error: ErrorBody, { begun, aborted, nextPauseMs }: Finished): Conclusion {
  switch (aborted) {
    case 'draining':
      return { as: 'give_back', how: 'put_back', delayMs: 0, why: 'draining' };
    case 'cancelled':
      return { as: 'cancel' };
    case 'deadline':
      return finish(stopped('read', 'deadline'));
    case 'lease_lost':
    case undefined: {
      const delayMs = nextPauseMs();
      return delayMs === undefined ? finish({ state: 'failed', error, begun }) : { as: 'give_back', how: 'retry', delayMs, error };
    }
    default:
      return aborted satisfies never;
  }
}

function finish(ending: RunEnding): Conclusion {
  return { as: 'finish', ending };
}

const UNKNOWN: RunEnding = { state: 'unknown', reason: 'internal_error' };
const BUG = new BridgeError('internal_error', 'The bridge failed while it ran the call').body;

function answerLost(reason: string): ErrorBody {
  return new BridgeError('upstream_unavailable', 'The answer of the upstream was lost', { reason }).body;
}
