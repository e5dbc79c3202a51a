import { BridgeError } from '../../call/bridge-error.js';
import { inTime } from '../../call/in-time.js';
import type { Timing } from '../../call/outcome.js';
import { type Ending, outcomeOf, stopped } from '../ending.js';
import type { Caller, CallerEvents } from './caller.js';
import type { ClusterTimes } from './cluster-times.js';
import type { Effects, LeaveAnswer, Settlement } from './gate-answers.js';
import type { Gate } from './gate.js';
import type { WaitingCallers } from './waiting-callers.js';

export interface DepartureEvents {
  effects(effects: Effects): void;
  /** It was over before: what its record says is for everybody. */
  over(settlement: Settlement): Promise<void>;
  /** Nothing was sent, and nothing will be: whoever holds it here may stop. */
  withdrawn(id: string): void;
  /** Here, so that it needs nobody to tell it. */
  hasBegun(id: string): boolean;
  /** It has begun, and nobody here has time left for it. */
  overdue(id: string): Promise<void>;
}

type Why = 'left' | 'deadline';

/**
 * Callers who go: by themselves, because their time is over, or because this replica closes. The last of them in this
 * process takes its word back at the gate, and learns there what may be said: a proof, or that it may have happened.
 */
export class Departures implements CallerEvents {
  constructor(
    private readonly gate: Gate,
    private readonly callers: WaitingCallers,
    private readonly times: Pick<ClusterTimes, 'answerMs'>,
    private readonly on: DepartureEvents,
  ) {}

  /** Its outcome is due, whatever Redis does. */
  expired(caller: Caller): void {
    // still on its way to the gate: whoever sent it there tells it
    if (caller.seq === undefined) return;
    caller.present = false;
    const others = this.callers.of(caller.id).some(({ present }) => present);
    void (others ? this.goAlone(caller) : this.takeBack([caller], 'deadline'));
  }

  /** While others of this process wait, the request goes on. */
  left(caller: Caller): void {
    const callers = this.callers.of(caller.id);
    if (!callers.some(({ present }) => present)) void this.takeBack(callers, 'left');
  }

  /** This replica closes, with callers still waiting for what others may run. */
  async closing(): Promise<void> {
    const ids = new Set(this.callers.all().map(({ id }) => id));
    await Promise.all([...ids].map((id) => this.takeBack(this.callers.of(id), 'left', 'draining')));
  }

  /** For the others here the call goes on, so a write may happen yet; a read is asked for what it did until now. Never rejects. */
  private async goAlone(caller: Caller): Promise<void> {
    const { id, spec } = caller;
    const mayHappen = spec.kind === 'write' || this.on.hasBegun(id);
    const ending = mayHappen ? stopped(spec.kind, 'deadline') : await inTime(this.learnPhase(id), this.times.answerMs);
    this.answer(caller, ending ?? untold('read'));
  }

  /** Undefined: Redis does not know the read. */
  private async learnPhase(id: string): Promise<Ending | undefined> {
    const { open, settled } = await this.gate.peek([{ id }]);
    for (const settlement of settled) await this.on.over(settlement);
    if (open[0]?.holder === '') return { state: 'not_started', reason: 'queue_timeout' };
    return open[0] || settled[0] ? stopped('read', 'deadline') : undefined;
  }

  /** Never rejects: what cannot be learnt in time is told as not known. */
  private async takeBack(callers: readonly Caller[], why: Why, says: Why | 'draining' = why): Promise<void> {
    const [{ id, spec } = {}] = callers;
    if (id === undefined || spec === undefined) return;
    const learnt = await inTime(this.learn(id, why, says), this.times.answerMs);
    if (learnt?.ending) for (const caller of callers) this.answer(caller, learnt.ending);
    // who left waits for no word: its deadline, or the record, sees to its outcome
    else if (says !== 'left') {
      const isKnown = learnt !== undefined || says === 'draining' || this.on.hasBegun(id);
      for (const caller of callers) this.answer(caller, isKnown ? stopped(spec.kind, says) : untold(spec.kind));
    }
  }

  /** In an object, so that no ending to tell and no answer in time are two things. */
  private async learn(id: string, why: Why, says: Why | 'draining'): Promise<{ readonly ending: Ending | undefined }> {
    return { ending: await this.conclude(id, await this.gate.leave(id, why), says) };
  }

  /** Undefined: it may happen, has begun to, or was over; then whoever the record speaks of has been answered. */
  private async conclude(id: string, said: LeaveAnswer, says: Why | 'draining'): Promise<Ending | undefined> {
    switch (said.as) {
      case 'cancelled':
        this.on.effects(said.effects);
        this.on.withdrawn(id);
        return { state: 'not_started', reason: NOT_STARTED[says] };
      case 'detached':
        return said.kind === 'read' && said.phase === 'waiting' && says === 'deadline'
          ? { state: 'not_started', reason: 'queue_timeout' }
          : undefined;
      case 'running':
        if (says === 'deadline') await this.on.overdue(id);
        return said.kind === 'read' && says === 'left' ? stopped('read', 'cancelled') : undefined;
      case 'settled':
        await this.on.over(said.settlement);
        return undefined;
      case 'gone':
        return undefined;
      default:
        return said satisfies never;
    }
  }

  private answer(caller: Caller, ending: Ending): void {
    if (caller.isAnswered) return;
    this.callers.forget(caller);
    caller.answer(outcomeOf(ending, timingOf(caller, ending)));
  }
}

const NOT_STARTED = { left: 'cancelled', deadline: 'queue_timeout', draining: 'draining' } as const;

/** The gate did not say in time whether it waits or has begun, and nobody else knows. */
function untold(kind: 'read' | 'write'): Ending {
  return kind === 'write' ? { state: 'unknown', reason: 'store_away' } : { state: 'failed', error: UNTOLD.body, begun: false };
}

const UNTOLD = new BridgeError('store_away', 'The time ran out while the shared store could not be reached', { reason: 'deadline' });

/** As much as can be told without the record. */
function timingOf({ waitedMs }: Caller, { state }: Ending): Timing {
  return state === 'not_started' ? { attempts: 0, queuedMs: waitedMs, ranMs: 0 } : { attempts: 1, queuedMs: 0, ranMs: waitedMs };
}
