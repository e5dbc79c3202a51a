import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from './caller.js';
import type { ClusterTimes } from './cluster-times.js';
import type { AcceptAnswer, Effects, UnheardHandOut } from './gate-answers.js';
import type { Gate } from './gate.js';

/** What an acceptance handed to this replica and it will not run: given back at once, or its lines would wait for the lease. */
export class UnusedHandOuts {
  constructor(
    private readonly gate: Gate,
    private readonly times: Pick<ClusterTimes, 'doubtMs'>,
    private readonly effects: (effects: Effects) => void,
  ) {}

  /** Its time is over, or its slot has gone to others. */
  giveBack(key: UnheardHandOut): void {
    const told = this.gate.giveBack(key, { as: 'put_back', delayMs: 0, ranMs: 0 });
    told.then(
      (said) => said.as !== 'no' && this.effects(said.effects),
      () => undefined,
    );
  }

  /** The answer may bring a hand-out when nobody waits for it any more. */
  async recall(id: string, holder: string, accepting: Promise<AcceptAnswer>): Promise<void> {
    const answer = await accepting.catch(() => undefined);
    if (answer?.as === 'mine') this.giveBack({ id, turn: answer.turn, holder });
  }

  /** Handed to us or not, we have not heard of it and never will. As long as it may still arrive there is nothing to give back. */
  async disown({ id, sentForMs }: Caller, holder: string): Promise<void> {
    await pause(Math.max(0, this.times.doubtMs - sentForMs), undefined, { ref: false });
    this.giveBack({ id, holder });
  }
}
