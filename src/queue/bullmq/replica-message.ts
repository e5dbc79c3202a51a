import type { Settlement } from './gate-answers.js';

/**
 * What comes over a replica's own channel. A hint, not the truth: it may be lost, and the record has it all.
 *
 * - `settled`: for the callers of this replica; `body` is there when the settlement says `inline`.
 * - `cancel`: nobody waits any more for the read that `holder` runs here.
 */
export type ReplicaMessage =
  | { readonly is: 'settled'; readonly settlement: Settlement; readonly body?: Buffer }
  | { readonly is: 'cancel'; readonly id: string; readonly holder: string };
