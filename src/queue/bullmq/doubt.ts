import { inTime } from '../../call/in-time.js';
import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from './caller.js';
import type { ClusterTimes } from './cluster-times.js';
import type { PeekAnswer, Settlement } from './gate-answers.js';
import type { Gate } from './gate.js';

/**
 * What became of an acceptance whose answer was lost.
 *
 * - `open`: it was accepted.
 * - `absent`: proved; a held acceptance can no longer pass, because it would be stale.
 * - `conflict`: the same, since another call has its id.
 * - `unknown`: Redis did not say in time, or has forgotten something since.
 */
export type Found =
  | { readonly as: 'open'; readonly seq: number; readonly turn: number; readonly holder: string }
  | { readonly as: 'settled'; readonly settlement: Settlement }
  | { readonly as: 'absent' | 'conflict' }
  | { readonly as: 'unknown' };

const ASK_EVERY_MS = 200;

/** Asks by id, and never sends the acceptance again. */
export class Doubt {
  constructor(
    private readonly gate: Gate,
    private readonly times: Pick<ClusterTimes, 'doubtMs' | 'answerMs'>,
  ) {}

  async resolve(caller: Caller): Promise<Found> {
    const { id, spec, sentUnder } = caller;
    const asked = spec.key.as === 'client' ? { id, hash: spec.key.hash } : { id };
    await this.rest(caller, this.times.doubtMs - caller.sentForMs);
    while (caller.remainingMs + this.times.answerMs > 0) {
      const answer = await inTime(this.gate.peek([asked]), caller.remainingMs + this.times.answerMs);
      const found = answer && judge(id, answer, sentUnder);
      if (found) return found;
      await this.rest(caller, ASK_EVERY_MS);
    }
    return { as: 'unknown' };
  }

  private async rest(caller: Caller, ms: number): Promise<void> {
    const mostMs = caller.remainingMs + this.times.answerMs;
    await pause(Math.max(0, Math.min(ms, mostMs)), undefined, { ref: false });
  }
}

/** Undefined: not to be said before somebody has looked at what Redis still knows. */
function judge(id: string, { epoch, settled, missing, open, conflicting }: PeekAnswer, sentUnder: string | undefined): Found | undefined {
  const settlement = settled.find((one) => one.id === id);
  if (settlement) return { as: 'settled', settlement };
  const found = open.find((one) => one.id === id);
  if (found) return { as: 'open', seq: found.seq, turn: found.turn, holder: found.holder };
  if (epoch === undefined) return undefined;
  if (epoch !== sentUnder) return { as: 'unknown' };
  if (conflicting.includes(id)) return { as: 'conflict' };
  return missing.includes(id) ? { as: 'absent' } : undefined;
}
