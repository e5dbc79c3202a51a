import type { Clock } from '../../call/clock.js';
import type { Priority } from '../../call/priority.js';
import type { LockLine } from '../lock-lines.js';
import type { Observe } from '../queue-observer.js';
import type { Verdict } from '../work-queue.js';
import { HandOut, type HandOutEvents } from './hand-out.js';
import type { Lane, Run } from './lane.js';
import { LockTable } from './lock-table.js';
import type { Request } from './request.js';

/** A throw is a verdict too. */
export type Returned = Verdict | { readonly as: 'crashed'; readonly error: unknown };

export interface DispatchEvents extends HandOutEvents {
  readonly returned: (request: Request, handOut: HandOut, verdict: Returned) => void;
  readonly expired: (request: Request) => void;
}

const HIGH = 1;

/** The way of a request: its lines, its share, its class, a slot. Knows no caller and no outcome. */
export class Dispatcher {
  private readonly locks = new LockTable<Request>();
  private isPaused = false;

  constructor(
    private readonly clock: Clock,
    private readonly observe: Observe,
    private readonly ageingEnabled: boolean,
    private readonly events: DispatchEvents,
  ) {}

  /** Takes a place in all lines at once: the order of acceptance is fixed here. */
  enter(request: Request, lines: readonly LockLine[]): void {
    request.locks = this.locks.enter(request, lines);
    if (request.locks.ungranted === 0) this.offer(request);
  }

  /** Hands out what the free slots of a lane can take. */
  serve(lane: Lane): void {
    const { run } = lane;
    if (!run || lane.isServed) return;
    lane.isServed = true;
    try {
      for (let request = this.next(lane); request; request = this.next(lane)) this.handOut(request, lane, run);
    } finally {
      lane.isServed = false;
    }
  }

  /** Keeps seq, lines and share; nobody may begin it until it is handed out again. */
  putBack(request: Request, afterMs: number): void {
    request.handOut = undefined;
    const ready = () => {
      request.stopDelay = undefined;
      request.enter('ready', this.clock.now());
      request.lane.ready.restore(request);
      this.serve(request.lane);
    };
    request.enter('delayed', this.clock.now());
    // By timer, however short: a consumer that puts back at once must not keep the event loop from the deadlines.
    request.stopDelay = this.clock.after(Math.max(0, afterMs), ready);
  }

  raise(request: Request, priority: Priority): void {
    const { lane, phase } = request;
    if (phase === 'ready') lane.ready.remove(request);
    if (phase === 'held_back') lane.shares.withdraw(request);
    request.raise(priority);
    if (phase === 'ready') lane.ready.push(request);
    if (phase === 'held_back') this.offer(request);
  }

  /** Takes a request out, wherever it is; answers those who stood in its way and may go on. */
  withdraw(request: Request): readonly Request[] {
    const { lane, phase, locks } = request;
    const freed = locks ? this.locks.leave(locks) : [];
    request.stopDelay?.();
    if (phase === 'locked') return freed;
    if (phase === 'held_back') {
      lane.shares.withdraw(request);
      return freed;
    }
    if (phase === 'ready') lane.ready.remove(request);
    const next = lane.shares.leave(request, lane.slots);
    if (next) this.makeReady(next);
    return freed;
  }

  /** Goes on with those whom a withdrawal freed. */
  release(freed: readonly Request[], lane: Lane): void {
    const now = freed.length > 0 ? this.clock.now() : 0;
    for (const request of freed) {
      this.observe({ is: 'parked', why: 'lock', ms: now - request.acceptedAt, priority: request.priority });
      this.offer(request);
    }
    for (const request of freed) if (request.lane !== lane) this.serve(request.lane);
    this.serve(lane);
  }

  widen(lane: Lane, slots: number): void {
    lane.slots = slots;
    for (const request of lane.shares.widen(slots)) this.makeReady(request);
    this.serve(lane);
  }

  pause(): void {
    this.isPaused = true;
  }

  private offer(request: Request): void {
    if (request.lane.shares.admit(request, request.lane.slots)) this.makeReady(request);
    else if (request.phase !== 'held_back') request.enter('held_back', this.clock.now());
  }

  private makeReady(request: Request): void {
    const wasHeldBack = request.phase === 'held_back';
    const parkedMs = request.enter('ready', this.clock.now());
    if (wasHeldBack) this.observe({ is: 'parked', why: 'share', ms: parkedMs, priority: request.priority });
    request.lane.ready.push(request);
  }

  private age(lane: Lane): void {
    if (!this.ageingEnabled) return;
    const request = lane.ageing.pick(lane.ready, this.clock.now());
    if (!request) return;
    this.observe({ is: 'aged', priority: request.priority });
    this.raise(request, HIGH);
  }

  private next(lane: Lane): Request | undefined {
    if (this.isPaused || !lane.hasFreeSlot) return undefined;
    this.age(lane);
    return lane.ready.take();
  }

  private handOut(request: Request, lane: Lane, run: Run): void {
    const now = this.clock.now();
    if (now >= request.deadline) {
      this.events.expired(request);
      return;
    }
    const handOut = new HandOut(request, now, this.events);
    request.handOut = handOut;
    request.enter('claimed', now);
    lane.take(handOut);
    void this.run(request, handOut, lane, run);
  }

  private async run(request: Request, handOut: HandOut, lane: Lane, run: Run): Promise<void> {
    let verdict: Returned;
    try {
      verdict = await run(handOut);
    } catch (error) {
      verdict = { as: 'crashed', error };
    }
    lane.giveBack(handOut);
    this.events.returned(request, handOut, verdict);
    // What was put back is served by its timer; serving it here could hand it out for ever in one tick.
    if (verdict.as !== 'put_back') this.serve(lane);
    else this.clock.after(0, () => this.serve(lane));
  }
}
