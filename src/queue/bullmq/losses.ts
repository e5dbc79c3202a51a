import { Logger } from '@nestjs/common';
import { BridgeError } from '../../call/bridge-error.js';
import type { Clock } from '../../call/clock.js';
import { type Ending, outcomeOf } from '../ending.js';
import type { Observe, QueueEvent } from '../queue-observer.js';
import type { Caller } from './caller.js';
import type { ClusterTimes } from './cluster-times.js';
import type { WaitingCallers } from './waiting-callers.js';

export interface LossEvents {
  /** It runs here, so that its end will be told here. */
  isRunning(id: string): boolean;
  /** @returns false when it was not taken */
  bringAgain(callers: readonly Caller[]): Promise<boolean>;
}

const LOST = 'store_lost_data';

/**
 * What Redis has forgotten while callers here wait for it. A read is brought once more. A write may have begun and is
 * not: whoever holds it may still tell its end, then nobody knows.
 */
export class Losses {
  private readonly noticed = new Map<string, () => void>();
  private readonly broughtAgain = new WeakSet<Caller>();
  private readonly logger = new Logger('WorkQueue');

  constructor(
    private readonly callers: WaitingCallers,
    private readonly clock: Clock,
    private readonly times: Pick<ClusterTimes, 'lateWordMs'>,
    private readonly observe: Observe,
    private readonly on: LossEvents,
  ) {}

  notice(id: string): void {
    const [first] = this.callers.of(id);
    if (!first || this.noticed.has(id) || this.on.isRunning(id)) return;
    if (first.spec.kind === 'read') void this.bringAgain(id);
    else this.wait(id);
  }

  close(): void {
    for (const stop of this.noticed.values()) stop();
    this.noticed.clear();
  }

  private async bringAgain(id: string): Promise<void> {
    const callers = this.callers.of(id);
    const isFirstTime = callers.every((caller) => !this.broughtAgain.has(caller));
    for (const caller of callers) this.broughtAgain.add(caller);
    this.noticed.set(id, () => undefined);
    try {
      if (isFirstTime && (await this.on.bringAgain(callers))) return;
      this.answer(id, { state: 'failed', error: FORGOTTEN.body, begun: true });
    } finally {
      this.noticed.delete(id);
    }
  }

  private wait(id: string): void {
    const stop = this.clock.after(this.times.lateWordMs, () => {
      this.noticed.delete(id);
      this.answer(id, { state: 'unknown', reason: LOST });
    });
    this.noticed.set(id, stop);
  }

  private answer(id: string, ending: Ending): void {
    const callers = this.callers.of(id);
    if (callers[0]) this.observe(lossOf(callers[0], ending));
    for (const caller of callers) {
      this.logger.error(`Redis has forgotten ${id}, which was accepted: ${ending.state}`);
      this.callers.forget(caller);
      caller.answer(outcomeOf(ending, { attempts: 1, queuedMs: 0, ranMs: caller.waitedMs }));
    }
  }
}

/** No script of the gate settles what it has forgotten, so that nobody else counts it. */
function lossOf({ spec: { kind, priority }, waitedMs }: Caller, { state }: Ending): QueueEvent {
  return { is: 'settled', kind, priority, state, why: state === 'unknown' ? LOST : '', waitedMs, ranMs: 0 };
}

const FORGOTTEN = new BridgeError('store_away', 'The shared store lost the call', { reason: LOST });
