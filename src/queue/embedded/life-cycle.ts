import { Logger } from '@nestjs/common';
import { BridgeError, type ErrorBody } from '../../call/bridge-error.js';
import type { CallSignal } from '../../call/call-signal.js';
import type { Clock } from '../../call/clock.js';
import type { Timing } from '../../call/outcome.js';
import type { Observe } from '../queue-observer.js';
import { Caller, type CallerEvents } from './caller.js';
import { Dispatcher, type Returned } from './dispatcher.js';
import { type Ending, outcomeOf, stopped } from '../ending.js';
import type { HandOut } from './hand-out.js';
import type { Lane } from './lane.js';
import { LinkedList } from './linked-list.js';
import type { QueueTimes } from '../queue-times.js';
import type { Request } from './request.js';
import type { RequestIds } from './request-ids.js';
import type { Retries } from '../retries.js';

/** What a request may become, and who may cause it. Every transition but those of waiting is here. */
export class LifeCycle implements CallerEvents {
  /** Accepted and not settled, in order of acceptance. */
  readonly open = new LinkedList<Request>();
  readonly dispatcher: Dispatcher;
  isClosing = false;
  private readonly logger = new Logger('WorkQueue');
  private readonly generations = new Map<string, number>();
  private endPatience: () => void = () => undefined;
  private readonly patienceOver = new Promise<void>((resolve) => (this.endPatience = resolve));

  constructor(
    readonly clock: Clock,
    private readonly times: QueueTimes,
    private readonly observe: Observe,
    private readonly ids: RequestIds,
    private readonly retries: Retries,
    ageingEnabled: boolean,
  ) {
    this.dispatcher = new Dispatcher(clock, observe, ageingEnabled, {
      mayBegin: (request, handOut) => this.mayBegin(request, handOut),
      returned: (request, handOut, verdict) => this.returned(request, handOut, verdict),
      expired: (request) => this.settle(request, { state: 'not_started', reason: 'queue_timeout' }),
    });
  }

  /** How many writes of an upstream have been settled: what a read that began earlier may have missed. */
  generationOf(upstream: string): number {
    return this.generations.get(upstream) ?? 0;
  }

  attach(request: Request, waitMs: number, signal: CallSignal): Caller {
    const caller = new Caller(request, waitMs, signal, this);
    request.callers.push(caller);
    return caller;
  }

  left({ request }: Caller): void {
    if (request.isWanted) return;
    if (request.phase !== 'begun') this.settle(request, { state: 'not_started', reason: 'cancelled' });
    else if (request.spec.kind === 'read') this.stop(request, 'cancelled');
  }

  /** Tells a begun call to end. Its lines wait for it: until it is back, or hold and grace are over. */
  stop(request: Request, why: 'deadline' | 'cancelled' | 'draining'): void {
    const { kind, holdMs } = request.spec;
    const graceMs = this.times.abortGraceMs + (kind === 'write' && why === 'deadline' ? holdMs + this.times.neighbourMs : 0);
    request.stopGrace ??= this.clock.after(graceMs, () => this.giveUp(request, why));
    if (kind === 'read') this.ids.close(request);
    if (why === 'cancelled') this.answerAll(request, stopped(kind, why), request.timing(this.clock.now()));
    request.handOut?.signal.abort(why);
  }

  settle(request: Request, ending: Ending): void {
    const now = this.clock.now();
    const { kind } = request.spec;
    const hadBegun = request.phase === 'begun';
    const freed = this.dispatcher.withdraw(request);
    request.enter('settled', now);
    request.ending = ending;
    request.stopGrace?.();
    if (request.openLink) this.open.remove(request.openLink);
    request.openLink = undefined;
    this.ids.close(request);
    this.ids.remember(request, ending, now);
    if (hadBegun && kind === 'write') this.generations.set(request.lane.upstream, this.generationOf(request.lane.upstream) + 1);
    const timing = request.timing(now);
    this.answerAll(request, ending, timing);
    if (!hadBegun)
      request.handOut?.signal.abort(ending.state === 'not_started' && ending.reason !== 'queue_timeout' ? ending.reason : 'deadline');
    const { queuedMs: waitedMs, ranMs } = timing;
    const why = ending.state === 'unknown' ? ending.reason : '';
    this.observe({ is: 'settled', kind, priority: request.acceptedClass, state: ending.state, why, waitedMs, ranMs });
    request.lane.ageing.countSettled();
    this.dispatcher.release(freed, request.lane);
  }

  /** Takes back what a lane was handed and has not begun; ends what it has. */
  async drain(lanes: readonly Lane[], drainMs: number): Promise<void> {
    for (const request of this.openIn(lanes)) if (request.phase === 'claimed') this.takeBack(request);
    await Promise.race([Promise.all(lanes.map((lane) => lane.whenIdle(this.clock, drainMs))), this.patienceOver]);
    for (const request of this.openIn(lanes)) {
      if (request.phase !== 'begun') continue;
      this.stop(request, 'draining');
      request.handOut?.revoked.abort();
    }
    await Promise.all(lanes.map((lane) => lane.whenIdle(this.clock, this.times.abortGraceMs)));
    for (const request of this.openIn(lanes)) if (request.phase === 'begun') this.giveUp(request, 'draining');
  }

  /** What is drained now has so long left at most. */
  hurry(withinMs: number): void {
    this.clock.after(withinMs, this.endPatience);
  }

  private openIn(lanes: readonly Lane[]): readonly Request[] {
    return [...this.open].filter(({ lane }) => lanes.includes(lane));
  }

  private takeBack(request: Request): void {
    const { handOut } = request;
    if (this.isClosing) this.settle(request, { state: 'not_started', reason: 'draining' });
    else this.dispatcher.putBack(request, 0);
    handOut?.signal.abort('draining');
  }

  expired(caller: Caller): void {
    const { request } = caller;
    const { kind } = request.spec;
    const others = request.callers.some((other) => other !== caller && other.present);
    if (request.phase !== 'begun' && !others) {
      this.settle(request, { state: 'not_started', reason: 'queue_timeout' });
      return;
    }
    request.callers = request.callers.filter((other) => other !== caller);
    // Others still wait for it, so a write may happen yet: no proof for the one who goes.
    const mayHappen = request.phase === 'begun' || kind === 'write';
    const ending: Ending = mayHappen ? stopped(kind, 'deadline') : { state: 'not_started', reason: 'queue_timeout' };
    caller.answer(outcomeOf(ending, request.timing(this.clock.now())));
    if (request.phase === 'begun' && (request.callers.length === 0 || (kind === 'read' && !request.isWanted)))
      this.stop(request, 'deadline');
  }

  private mayBegin(request: Request, handOut: HandOut): boolean {
    if (request.handOut !== handOut || request.phase !== 'claimed') {
      this.observe({ is: 'refused', script: 'begin', why: 'lost' });
      return false;
    }
    const now = this.clock.now();
    if (now >= request.deadline) {
      this.settle(request, { state: 'not_started', reason: 'queue_timeout' });
      return false;
    }
    request.attempts += 1;
    if (!request.isCounted) this.retries.countFirstAttempt();
    request.isCounted = true;
    request.generation = this.generationOf(request.lane.upstream);
    request.enter('begun', now);
    handOut.begun = true;
    return true;
  }

  private returned(request: Request, handOut: HandOut, verdict: Returned): void {
    if (verdict.as === 'crashed') this.logger.error(`A run of ${request.spec.key.id} threw`, stackOf(verdict.error));
    if (request.handOut !== handOut) return;
    if (request.phase === 'settled') {
      this.tellLate(request, handOut, verdict);
      return;
    }
    request.stopGrace?.();
    request.stopGrace = undefined;
    if (handOut.begun) request.lane.measure(request.timing(this.clock.now()).ranMs);
    this.conclude(request, handOut, verdict);
  }

  private conclude(request: Request, handOut: HandOut, verdict: Returned): void {
    const { kind } = request.spec;
    const { begun } = handOut;
    switch (verdict.as) {
      case 'done':
        this.settle(request, { state: 'done', result: verdict.result });
        break;
      case 'failed':
        this.settle(request, { state: 'failed', error: verdict.error, begun });
        break;
      case 'retry':
        if (kind === 'read') this.runAgain(request, handOut, verdict.error);
        else this.settle(request, { state: 'failed', error: verdict.error, begun });
        break;
      case 'unknown':
        if (kind === 'read') this.runAgain(request, handOut, answerLost(verdict.reason));
        else this.settle(request, { state: 'unknown', reason: verdict.reason });
        break;
      case 'put_back':
        this.goBack(request, handOut, verdict);
        break;
      case 'crashed':
        this.settle(request, begun && kind === 'write' ? UNKNOWN : { state: 'failed', error: BUG, begun });
        break;
      default:
        verdict satisfies never;
    }
  }

  private runAgain(request: Request, handOut: HandOut, error: ErrorBody): void {
    if (this.isClosing) {
      this.settle(request, stopped('read', 'draining'));
      return;
    }
    const why = handOut.signal.reason;
    if (why === 'draining') {
      this.dispatcher.putBack(request, 0);
      return;
    }
    if (why !== undefined && why !== 'lease_lost') {
      this.settle(request, stopped('read', why));
      return;
    }
    const pauseMs = this.retries.next(request, this.clock.now());
    if (pauseMs === undefined) {
      this.settle(request, { state: 'failed', error, begun: handOut.begun });
      return;
    }
    this.observe({ is: 'retried', why: error.name });
    this.dispatcher.putBack(request, pauseMs);
  }

  /** Certain that no byte left: what has run out of time, callers or bridge meanwhile did not start. */
  private goBack(request: Request, handOut: HandOut, { reason, afterMs }: { reason: string; afterMs: number }): void {
    this.observe({ is: 'put_back', why: reason });
    if (handOut.begun) request.attempts -= 1;
    if (this.isClosing) {
      this.settle(request, { state: 'not_started', reason: 'draining' });
      return;
    }
    if (handOut.signal.reason === 'deadline') {
      this.settle(request, { state: 'not_started', reason: 'queue_timeout' });
      return;
    }
    if (!request.isWanted) {
      this.settle(request, { state: 'not_started', reason: 'cancelled' });
      return;
    }
    this.dispatcher.putBack(request, afterMs);
  }

  private giveUp(request: Request, why: 'deadline' | 'cancelled' | 'draining'): void {
    this.observe({ is: 'stuck' });
    this.logger.error(`A run of ${request.spec.key.id} did not end in time after ${why}; its slot stays taken`);
    this.settle(request, stopped(request.spec.kind, why));
  }

  /** The truth about a write whose record says `unknown`; nobody is answered twice. */
  private tellLate(request: Request, handOut: HandOut, verdict: Returned): void {
    if (!handOut.begun || request.ending?.state !== 'unknown') return;
    if (verdict.as !== 'done' && verdict.as !== 'failed') return;
    const ending: Ending =
      verdict.as === 'done' ? { state: 'done', result: verdict.result } : { state: 'failed', error: verdict.error, begun: true };
    this.observe({ is: 'late_outcome' });
    this.ids.remember(request, ending, this.clock.now());
  }

  private answerAll(request: Request, ending: Ending, timing: Timing): void {
    for (const caller of request.callers) caller.answer(outcomeOf(ending, timing));
    request.callers = [];
  }
}

const UNKNOWN: Ending & { state: 'unknown' } = { state: 'unknown', reason: 'internal_error' };
const BUG = new BridgeError('internal_error', 'The bridge failed while it ran the call').body;

function answerLost(reason: string): ErrorBody {
  return new BridgeError('upstream_unavailable', 'The answer of the upstream was lost', { reason }).body;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
