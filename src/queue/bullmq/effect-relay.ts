import type { Outcome } from '../../call/outcome.js';
import type { Observe } from '../queue-observer.js';
import type { Effects, EndState } from './gate-answers.js';
import type { Scheduler } from './scheduler.js';

/** What a script set free or ended on its way, told to those who have to know. */
export class EffectRelay {
  constructor(
    private readonly scheduler: Scheduler,
    private readonly observe: Observe,
  ) {}

  /** @param raisedBy what moved a request up, if one was */
  tell({ offers, settled }: Effects, raisedBy: 'age' | 'joiner' = 'age'): void {
    this.scheduler.offer(offers);
    for (const { as, parked, priority } of offers) {
      if (parked) this.observe({ is: 'parked', ...parked, priority });
      if (as === 'raised' && raisedBy === 'age') this.observe({ is: 'aged', priority });
      if (as === 'again') this.observe({ is: 'reoffered' });
    }
    for (const { kind, priority, state, why, begun, queuedMs, ranMs } of settled) {
      const shown = stateOf(state, begun);
      this.observe({ is: 'settled', kind, priority, state: shown, why: shown === 'unknown' ? why : '', waitedMs: queuedMs, ranMs });
    }
  }
}

/** In the words of the port. */
function stateOf(state: EndState, begun: boolean): Outcome['state'] {
  switch (state) {
    case 'done':
    case 'failed':
    case 'unknown':
      return state;
    case 'expired':
    case 'cancelled':
      return begun ? 'failed' : 'not_started';
    default:
      return state satisfies never;
  }
}
