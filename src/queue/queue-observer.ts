import type { Outcome } from '../call/outcome.js';
import type { Priority } from '../call/priority.js';

/**
 * What happens in the queue, told in the tick in which it happens.
 *
 * - `accepted`: how a submit was answered; `full`, `conflict` and `draining` are refusals.
 * - `settled`: what became of one request, once for all its callers.
 * - `parked`: time spent behind others on a lock line, or behind the caller's own share.
 * - `aged`: a request rose to HIGH because it had waited too long.
 * - `refused`: a step of a hand-out that had been lost, or is over.
 * - `stuck`: a run outlived its deadline, its hold and the grace after it, which is a bug.
 * - `late_outcome`: a run told the truth after `unknown` had been recorded.
 * - `omitted_body`: an answer was too large to be kept for a replay.
 *
 * With others beside us:
 * - `accepted`, `fast`: handed out here in the same step; `stale`: it arrived too late; `doubt`: no answer came.
 * - `replied`: an outcome reached its caller so long after the run was back.
 * - `script`: a step of the gate took so long, with the way there and back.
 * - `reoffered`: the scheduler was told again of a request that nobody had claimed.
 * - `swept`: what time and dead replicas had left behind was mended.
 * - `lease_lost`, `self_fenced`: a running call is told to end, because others have it or may soon.
 * - `reconciled`: an outcome was found by asking, its message had not come.
 * - `roll_call`: Redis may have forgotten something, and all replicas are heard before a write begins.
 * - `forged`: a record was not written by one of us.
 */
export type QueueEvent =
  | {
      readonly is: 'accepted';
      readonly how: 'queued' | 'fast' | 'joined' | 'replayed' | 'full' | 'conflict' | 'draining' | 'stale' | 'doubt';
      readonly priority: Priority;
      /** Calls that wait since then, where the queue knows at once. */
      readonly waiting?: number;
    }
  | {
      readonly is: 'settled';
      readonly kind: 'read' | 'write';
      readonly priority: Priority;
      readonly state: Outcome['state'];
      /** Of an `unknown`. */
      readonly why: string;
      readonly waitedMs: number;
      readonly ranMs: number;
    }
  | { readonly is: 'parked'; readonly why: 'lock' | 'share'; readonly ms: number; readonly priority: Priority }
  | { readonly is: 'retried' | 'put_back'; readonly why: string }
  | { readonly is: 'aged'; readonly priority: Priority }
  | { readonly is: 'stuck' | 'late_outcome' | 'omitted_body' }
  | { readonly is: 'refused'; readonly script: string; readonly why: string }
  | { readonly is: 'swept'; readonly what: string; readonly count: number }
  | { readonly is: 'roll_call'; readonly why: string }
  | { readonly is: 'replied'; readonly lagMs: number }
  | { readonly is: 'script'; readonly name: string; readonly ms: number }
  | { readonly is: 'reoffered' | 'lease_lost' | 'self_fenced' | 'reconciled' | 'forged' };

export type Observe = (event: QueueEvent) => void;

/** Whoever wants to count provides it; without one nobody listens. */
export abstract class QueueObserver {
  abstract observe(event: QueueEvent): void;
}
