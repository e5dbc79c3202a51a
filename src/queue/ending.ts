import { BridgeError, type ErrorBody } from '../call/bridge-error.js';
import type { Json } from '../call/json.js';
import { jsonCopy } from '../call/json-copy.js';
import type { NotStartedReason, Outcome, Timing } from '../call/outcome.js';

/** How a request ended, before each caller gets an outcome of its own. */
export type Ending =
  | { readonly state: 'done'; readonly result: Json }
  /** As it is kept for replays: small, and of known size. */
  | { readonly state: 'done'; readonly text: string }
  | { readonly state: 'done'; readonly omittedBytes: number }
  | { readonly state: 'failed'; readonly error: ErrorBody; readonly begun: boolean }
  | { readonly state: 'unknown'; readonly reason: string }
  | { readonly state: 'not_started'; readonly reason: NotStartedReason };

/** How a run ended. That nothing was sent is not its to say: it is put back, and the gate settles it. */
export type RunEnding = Exclude<Ending, { readonly state: 'not_started' }>;

/** For one caller: nobody else has hold of its result or error. */
export function outcomeOf(ending: Ending, timing: Timing): Outcome {
  if (ending.state === 'done' && 'result' in ending) return { state: 'done', result: jsonCopy(ending.result), ...timing };
  if (ending.state === 'done' && 'text' in ending) return { state: 'done', result: JSON.parse(ending.text) as Json, ...timing };
  if (ending.state === 'failed') return { ...ending, error: structuredClone(ending.error), ...timing };
  return { ...ending, ...timing };
}

/** For replays: a result becomes text, of known size and in nobody's hands; all else is small. */
export function keptAs(ending: Ending): Ending {
  return ending.state === 'done' && 'result' in ending ? { state: 'done', text: JSON.stringify(ending.result) } : ending;
}

/** What a call that had begun ended with when it was stopped: only a write leaves a doubt behind. */
export function stopped(kind: 'read' | 'write', why: 'deadline' | 'cancelled' | 'draining'): RunEnding {
  if (kind === 'write') return { state: 'unknown', reason: why };
  const error =
    why === 'draining'
      ? new BridgeError('draining', 'The bridge is shutting down', { phase: 'running', reason: why })
      : new BridgeError('deadline_passed', WORDS[why], { phase: 'running', reason: why });
  return { state: 'failed', error: error.body, begun: true };
}

const WORDS = {
  deadline: 'The time ran out while the call was running',
  cancelled: 'The caller left while the call was running',
};
