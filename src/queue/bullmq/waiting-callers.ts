import type { Timing } from '../../call/outcome.js';
import { type Ending, outcomeOf } from '../ending.js';
import type { Caller } from './caller.js';

/** How a request ended, and which: an id that came to nothing may be taken up again, under a larger seq. */
export interface Reply {
  readonly id: string;
  readonly seq: number;
  readonly ending: Ending;
  readonly timing: Timing;
}

/**
 * The callers of this process, by request. A reply may overtake the acceptance it belongs to, since the two come over
 * different connections: it is kept until the seq is known.
 */
export class WaitingCallers {
  private readonly byId = new Map<string, readonly Caller[]>();
  private readonly early = new Map<string, Reply>();
  private readonly onNone: (() => void)[] = [];

  /** From now on a reply for it is not lost. */
  expect(caller: Caller): void {
    this.byId.set(caller.id, [...this.of(caller.id), caller]);
  }

  accepted(caller: Caller, seq: number): void {
    caller.seq = seq;
    const reply = this.early.get(caller.id);
    if (reply) this.settle(reply);
  }

  /** It gets no reply from here. */
  forget(caller: Caller): void {
    const left = this.of(caller.id).filter((other) => other !== caller);
    if (left.length > 0) this.byId.set(caller.id, left);
    else this.byId.delete(caller.id);
    if (this.byId.size === 0) for (const tell of this.onNone.splice(0)) tell();
    if (left.every(({ seq }) => seq !== undefined)) this.early.delete(caller.id);
  }

  /** Answers everybody who waits for this request or for an earlier one of its name: the same call, so the same truth. */
  settle(reply: Reply): void {
    const callers = this.of(reply.id);
    if (callers.some(({ seq }) => seq === undefined)) this.early.set(reply.id, reply);
    for (const caller of callers) {
      if (caller.seq === undefined || caller.seq > reply.seq) continue;
      caller.answer(outcomeOf(reply.ending, reply.timing));
      this.forget(caller);
    }
  }

  /** Those of this moment: whoever comes later has another request, though it may have the same name. */
  of(id: string): readonly Caller[] {
    return this.byId.get(id) ?? [];
  }

  all(): readonly Caller[] {
    return [...this.byId.values()].flat();
  }

  /** Ids of which an accepted caller has waited for `ms`: their reply may have been lost. */
  overdue(ms: number): readonly string[] {
    const ids: string[] = [];
    for (const [id, callers] of this.byId) {
      if (callers.some(({ seq, waitedMs }) => seq !== undefined && waitedMs >= ms)) ids.push(id);
    }
    return ids;
  }

  /** Resolves when nobody waits any more, or with the signal. */
  whenNone(over: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.byId.size === 0 || over.aborted) resolve();
      this.onNone.push(resolve);
      over.addEventListener('abort', () => resolve());
    });
  }
}
