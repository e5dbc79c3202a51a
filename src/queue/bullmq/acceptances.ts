import { BridgeError } from '../../call/bridge-error.js';
import type { CallSignal } from '../../call/call-signal.js';
import type { Clock } from '../../call/clock.js';
import { inTime } from '../../call/in-time.js';
import { estimateMs, queueFull } from '../queue-full.js';
import type { Observe, QueueEvent } from '../queue-observer.js';
import type { JobSpec, Ticket } from '../work-queue.js';
import type { AcceptanceRequest, Mine } from './acceptance-request.js';
import { Caller } from './caller.js';
import type { ClusterTimes } from './cluster-times.js';
import type { Departures } from './departures.js';
import { Doubt } from './doubt.js';
import type { AcceptAnswer, Effects, Settlement } from './gate-answers.js';
import type { Gate } from './gate.js';
import type { Assignment } from './run.js';
import { UnusedHandOuts } from './unused-hand-outs.js';
import type { WaitingCallers } from './waiting-callers.js';

/** A slot that is free here, kept for the call until the gate has said who gets it. */
export interface Opening {
  readonly holder: string;
  take(assignment: Assignment): void;
  release(): void;
}

export interface AcceptanceEvents {
  /** The clock of Redis in ms; undefined while it cannot be told. */
  serverNow(): number | undefined;
  /** Reads that clock anew. */
  readClock(): Promise<void>;
  /** The last one known; undefined before the first sweep. */
  epoch(): string | undefined;
  /** Looks at what Redis knows, when it has started anew. */
  sweep(): Promise<void>;
  effects(effects: Effects, raisedBy?: 'joiner'): void;
  over(settlement: Settlement): Promise<void>;
}

/** An acceptance that got no answer of the gate. */
type Answer = AcceptAnswer | { readonly as: 'lost' };

/** Brings calls to the gate, and turns its word into a ticket or a refusal. */
export class Acceptances {
  private readonly doubt: Doubt;
  private readonly unused: UnusedHandOuts;

  constructor(
    private readonly gate: Gate,
    private readonly request: AcceptanceRequest,
    private readonly callers: WaitingCallers,
    private readonly departures: Departures,
    private readonly clock: Clock,
    private readonly times: ClusterTimes,
    private readonly random: () => number,
    private readonly observe: Observe,
    private readonly on: AcceptanceEvents,
  ) {
    this.doubt = new Doubt(gate, times);
    this.unused = new UnusedHandOuts(gate, times, (effects) => on.effects(effects));
  }

  /** @throws BridgeError, with nothing accepted, or in doubt of it */
  async submit(spec: JobSpec, signal: CallSignal, opening: Opening | undefined): Promise<Ticket> {
    const caller = new Caller(spec.key.id, spec, signal, this.clock, this.departures);
    this.callers.expect(caller);
    try {
      return await this.bring(caller, signal, opening);
    } catch (error) {
      caller.dismiss();
      opening?.release();
      throw error;
    } finally {
      if (caller.seq === undefined) this.callers.forget(caller);
    }
  }

  /** Redis has forgotten a read that callers here wait for: it is brought once more. @returns false when it was not taken */
  async bringAgain(callers: readonly Caller[]): Promise<boolean> {
    const [patient] = [...callers].sort((one, other) => other.remainingMs - one.remainingMs);
    if (!patient) return true;
    const answer = await this.ask(patient, undefined).catch(() => undefined);
    if (answer?.as === 'settled') {
      await this.on.over(answer.settlement).catch(() => undefined);
      return true;
    }
    if (answer?.as !== 'queued' && answer?.as !== 'joined') return false;
    for (const caller of callers) this.callers.accepted(caller, answer.seq);
    this.on.effects(answer.effects);
    return true;
  }

  private async bring(caller: Caller, signal: CallSignal, opening: Opening | undefined): Promise<Ticket> {
    let answer = await this.ask(caller, opening);
    if (answer.as === 'no_epoch') {
      await inTime(this.on.sweep(), caller.remainingMs);
      answer = await this.ask(caller, opening);
    }
    // refused by the gate itself: nothing was done, and it may be sent anew, by a clock that may have been set meanwhile
    if (answer.as === 'stale' && caller.remainingMs > 0) {
      await inTime(this.on.readClock(), caller.remainingMs);
      answer = await this.ask(caller, opening);
    }
    if (answer.as !== 'mine') opening?.release();
    return this.conclude(caller, answer, signal, opening);
  }

  private conclude(caller: Caller, answer: Answer, signal: CallSignal, opening: Opening | undefined): Ticket | Promise<Ticket> {
    const { spec } = caller;
    switch (answer.as) {
      case 'queued':
      case 'joined': {
        const ticket = this.accepted(caller, answer.seq, answer.as, answer.ahead, estimateMs(answer.ahead, answer.pace));
        this.on.effects(answer.effects, 'joiner');
        return ticket;
      }
      case 'mine':
        if (opening) this.runHere(caller, answer, opening);
        return this.accepted(caller, answer.seq, 'fast', 0, 0);
      case 'settled':
        return this.replayed(caller, answer.settlement);
      case 'behind':
        caller.dismiss();
        return this.submit(generationOf(spec, answer.generation, caller.remainingMs), signal, undefined);
      case 'full':
        this.count('full', spec);
        throw queueFull(answer.waiting, answer.pace, this.random);
      case 'conflict':
        throw this.conflict(spec);
      case 'stale':
        this.count('stale', spec);
        throw storeAway('late');
      case 'no_epoch':
        throw storeAway('starting');
      case 'refused':
        throw storeAway(answer.why);
      case 'lost':
        return this.lost(caller, opening?.holder);
      default:
        return answer satisfies never;
    }
  }

  private runHere(caller: Caller, mine: Mine, opening: Opening): void {
    if (caller.remainingMs > 0) {
      opening.take(this.request.forSlot(caller, mine, opening.holder));
      return;
    }
    opening.release();
    this.unused.giveBack({ id: caller.id, turn: mine.turn, holder: opening.holder });
  }

  private accepted(caller: Caller, seq: number, how: 'queued' | 'joined' | 'fast', ahead: number, estimatedWaitMs: number): Ticket {
    this.count(how, caller.spec);
    this.callers.accepted(caller, seq);
    if (!caller.present) this.departures.left(caller);
    else if (caller.remainingMs <= 0) this.departures.expired(caller);
    return { id: caller.id, seq, how: how === 'fast' ? 'queued' : how, ahead, estimatedWaitMs, outcome: caller.outcome };
  }

  private replayed(caller: Caller, settlement: Settlement, how: 'replayed' | 'queued' = 'replayed'): Ticket {
    this.count(how, caller.spec);
    const { id, seq } = settlement;
    this.callers.accepted(caller, seq);
    // without the body now, it is asked for again until the caller's own time is over
    this.on.over(settlement).catch(() => undefined);
    if (caller.remainingMs <= 0) this.departures.expired(caller);
    return { id, seq, how, ahead: 0, estimatedWaitMs: 0, outcome: caller.outcome };
  }

  /** Never sent again: it may have been done. */
  private async lost(caller: Caller, holder: string | undefined): Promise<Ticket> {
    this.count('doubt', caller.spec);
    const found = await this.doubt.resolve(caller);
    switch (found.as) {
      case 'open':
        if (found.holder === holder) this.unused.giveBack({ id: caller.id, turn: found.turn, holder });
        return this.accepted(caller, found.seq, 'queued', 0, 0);
      case 'settled':
        // most likely the caller's own: an audit row too many is better than none
        return this.replayed(caller, found.settlement, 'queued');
      case 'absent':
        throw storeAway('lost');
      case 'conflict':
        throw this.conflict(caller.spec);
      case 'unknown':
        if (holder !== undefined) void this.unused.disown(caller, holder);
        if (caller.spec.kind === 'read') throw storeAway('lost');
        throw new BridgeError('outcome_unknown', 'It cannot be told whether the call was accepted', {
          outcome: 'unknown',
          reason: 'store_away',
        });
      default:
        return found satisfies never;
    }
  }

  /** No longer than the caller's own time, whatever the connection does. */
  private async ask(caller: Caller, opening: Opening | undefined): Promise<Answer> {
    const sentAt = this.on.serverNow();
    if (sentAt === undefined) throw storeAway('no_clock');
    caller.sent(this.on.epoch());
    const accepting = this.gate.accept(this.request.forGate(caller, opening?.holder, sentAt));
    const answer = await inTime(accepting, caller.remainingMs + this.times.answerMs);
    if (!answer && opening) void this.unused.recall(caller.id, opening.holder, accepting);
    return answer ?? { as: 'lost' };
  }

  private conflict(spec: JobSpec): BridgeError {
    this.count('conflict', spec);
    return new BridgeError('request_id_reused', 'This request id was used with another payload', { outcome: 'not_started' });
  }

  private count(how: Extract<QueueEvent, { is: 'accepted' }>['how'], { priority }: JobSpec): void {
    this.observe({ is: 'accepted', how, priority });
  }
}

export function storeAway(reason: string): BridgeError {
  return new BridgeError('store_away', 'The shared store cannot be reached', { outcome: 'not_started', reason });
}

/** An equal read that may not join the one under way, because a write was answered since. */
function generationOf(spec: JobSpec, generation: number, budgetMs: number): JobSpec {
  return { ...spec, key: { as: 'shared', id: `${spec.key.id}.${generation}` }, budgetMs };
}
