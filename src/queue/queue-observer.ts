import type { Outcome } from '../call/outcome.js';
import type { Priority } from '../call/priority.js';

/**
 * What happens in the queue, told in the tick in which it happens.
 *
 * - `accepted`: how a submit was answered; `full`, `conflict` and `draining` are refusals.
 * - `settled`: what became of one request, once for all its callers.
 * - `parked`: time spent behind others on a lock line, or behind the caller's own share.
 * - `aged`: a request rose to HIGH because it had waited too long.
 * - `refused_begin`: a hand-out that had been lost asked to begin.
 * - `stuck`: a run outlived its deadline, its hold and the grace after it, which is a bug.
 * - `late_outcome`: a run told the truth after `unknown` had been recorded.
 * - `omitted_body`: an answer was too large to be kept for a replay.
 */
export type QueueEvent =
  | {
      readonly is: 'accepted';
      readonly how: 'queued' | 'joined' | 'replayed' | 'full' | 'conflict' | 'draining';
      readonly priority: Priority;
      /** Calls that wait since then, where the queue knows at once. */
      readonly waiting?: number;
    }
  | {
      readonly is: 'settled';
      readonly kind: 'read' | 'write';
      readonly priority: Priority;
      readonly state: Outcome['state'];
      readonly waitedMs: number;
      readonly ranMs: number;
    }
  | { readonly is: 'parked'; readonly why: 'lock' | 'share'; readonly ms: number; readonly priority: Priority }
  | { readonly is: 'retried' | 'put_back'; readonly why: string }
  | { readonly is: 'aged'; readonly priority: Priority }
  | { readonly is: 'refused_begin' | 'stuck' | 'late_outcome' | 'omitted_body' };

export type Observe = (event: QueueEvent) => void;

/** Whoever wants to count provides it; without one nobody listens. */
export abstract class QueueObserver {
  abstract observe(event: QueueEvent): void;
}
