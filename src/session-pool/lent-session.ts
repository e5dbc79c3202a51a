import type { CallSignal } from '../call/call-signal.js';
import type { Clock } from '../call/clock.js';
import type { JsonObject } from '../call/json.js';
import type { CallOptions } from './exchange.js';
import type { Loan } from './lender.js';
import { type Walk, walkList } from './list-walk.js';
import type { Reply } from './reply.js';

/** Lists name no deadline of their own: the signal of the call that wants one ends it. */
const LIST_MS = 300_000;

/** What the pool learns from the calls on a session. */
export interface LoanWitness {
  replied(loan: Loan, reply: Reply, silentThroughout: boolean): void;
  listed(method: string, walk: Walk): void;
}

/** A session while it is lent to one call. */
export class LentSession {
  constructor(
    private readonly loan: Loan,
    private readonly clock: Clock,
    private readonly witness: LoanWitness,
  ) {}

  get id(): number {
    return this.loan.member.session.id;
  }

  get pid(): number {
    return this.loan.member.session.pid;
  }

  /**
   * Resolves when the child has answered or never will, so what is locked for this call may be unlocked then: for a write
   * that is later than its deadline. What the child said in that time is the reply; `timed_out` and `cancelled` mean
   * that it said nothing. Never rejects.
   */
  async call(method: string, params: JsonObject, options: CallOptions, signal: CallSignal): Promise<Reply> {
    const { session } = this.loan.member;
    const begun = this.clock.now();
    const reply = await session.call(method, params, options, signal).settled;
    this.witness.replied(this.loan, reply, session.heardAt < begun);
    return reply;
  }

  /** Every page as one reply, or the first page that was not a result. A walk without an end is cut, with a warning. */
  async list(method: string, signal: CallSignal): Promise<Reply> {
    const deadline = this.clock.now() + LIST_MS;
    const walk = await walkList(method, (params) => this.call(method, params, { kind: 'read', deadline }, signal));
    this.witness.listed(method, walk);
    return walk.reply;
  }
}
