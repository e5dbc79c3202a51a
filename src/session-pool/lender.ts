import type { AbortListener, CallSignal } from '../call/call-signal.js';
import type { CrashRecord } from './crash-record.js';
import type { Fleet } from './fleet.js';
import type { PoolGround } from './pool-ground.js';
import type { PooledSession } from './pooled-session.js';
import type { Quarantine } from './quarantine.js';
import type { NotLent } from './reply.js';
import type { SessionNeed } from './session-need.js';
import type { UpstreamConfig } from './upstream.config.js';

/** Longer waits are the queue's: it may have something better to do with the slot. */
const PATIENCE_MS = 50;
/** A session kept free for a lonely call serves the others again when that call does not come back. */
const RESERVED_MS = 5_000;

export interface Loan {
  readonly member: PooledSession;
  readonly need: SessionNeed;
  readonly alone: boolean;
}

interface Waiter extends AbortListener {
  readonly need: SessionNeed;
  readonly finish: (answer: Loan | NotLent) => void;
}

/** Chooses the session of each call: one fit for it, with the fewest in flight, then the one used last, so the others age. */
export class Lender {
  private readonly waiters = new Set<Waiter>();
  private serving = false;
  private serveAgain = false;

  constructor(
    private readonly config: UpstreamConfig,
    private readonly ground: PoolGround,
    private readonly fleet: Fleet,
    private readonly crashes: CrashRecord,
    private readonly quarantine: Quarantine,
  ) {}

  /** At once where a session is free or waiting is pointless, as nearly always. */
  lend(need: SessionNeed, signal: CallSignal): Loan | NotLent | Promise<Loan | NotLent> {
    const answer = this.answer(need);
    if (!answer) return this.lendLater(need, signal);
    if ('member' in answer) this.ground.observer?.waitedForSession(this.config.name, 0);
    return answer;
  }

  giveBack({ member, need, alone }: Loan): void {
    member.drop(need.kind);
    if (alone) this.fleet.settle();
    else this.serveWaiters();
  }

  /**
   * To be called whenever a session may have become free, or waiting pointless. To answer may itself move the fleet, which
   * calls this again: a second round, never a nested one, for that would lend twice to the waiter being answered.
   */
  serveWaiters(): void {
    this.serveAgain = true;
    if (this.serving) return;
    this.serving = true;
    try {
      while (this.serveAgain) this.serveOnce();
    } finally {
      this.serving = false;
    }
  }

  private serveOnce(): void {
    this.serveAgain = false;
    for (const waiter of this.waiters) {
      const answer = this.answer(waiter.need);
      if (answer) waiter.finish(answer);
    }
  }

  private async lendLater(need: SessionNeed, signal: CallSignal): Promise<Loan | NotLent> {
    const since = this.ground.clock.now();
    const answer = await this.wait(need, signal);
    if ('member' in answer) this.ground.observer?.waitedForSession(this.config.name, this.ground.clock.now() - since);
    return answer;
  }

  private answer(need: SessionNeed): Loan | NotLent | undefined {
    return this.refusal(need) ?? this.choose(need);
  }

  private refusal(need: SessionNeed): NotLent | undefined {
    if (this.fleet.isClosed) return { kind: 'no_session' };
    if (!this.quarantine.isEmpty && this.quarantine.refuses(need.fingerprint)) {
      return { kind: 'refused', reason: 'quarantined', detail: 'These arguments ended the server twice' };
    }
    const { trouble, broken, waitMs } = this.crashes;
    if (trouble && broken && !this.hasHope(need)) {
      return { kind: 'refused', reason: 'start_failed', detail: trouble.reason, retryAfterMs: Math.ceil(waitMs) };
    }
    if (this.fleet.isPerClient && need.session !== undefined && !this.fleet.clients.has(clientOf(need))) {
      return { kind: 'refused', reason: 'client_gone', detail: 'The child that held the state of this session is gone' };
    }
    if (this.fleet.isPerClient && !this.fleet.claim(clientOf(need))) {
      return { kind: 'refused', reason: 'pool_full', detail: `All ${this.config.maxConnections} sessions belong to other clients` };
    }
    return undefined;
  }

  private choose(need: SessionNeed): Loan | undefined {
    const alone = need.alone === true || (!this.quarantine.isEmpty && this.quarantine.mustRunAlone(need.fingerprint));
    const free = this.mayServe(need).filter((member) => member.isFreeFor(need));
    const member = alone ? this.chooseEmpty(free, need) : chooseRoomy(free, need, this.config.maxInFlight);
    if (!member) return undefined;
    const reserved = this.dropReservations(need);
    member.carry(need.kind, alone);
    if (alone || reserved) this.fleet.settle(); // its slots are nobody else's now, and a spare may have been taken
    return { member, need, alone };
  }

  /** A session is left that serves such calls, or may. */
  private hasHope(need: SessionNeed): boolean {
    const spares = [...this.fleet.members.values()].filter(({ role }) => role.as === 'spare');
    return [...this.mayServe(need), ...spares].some((member) => member.isAlive);
  }

  private mayServe(need: SessionNeed): PooledSession[] {
    if (!this.fleet.isPerClient) return [...this.fleet.members.values()].filter(({ role }) => role.as === 'plain');
    const own = this.fleet.clients.get(clientOf(need));
    return own ? [own] : [];
  }

  /** Where nothing is empty, one is kept free from now on, else a busy pool would never have an empty one. */
  private chooseEmpty(free: PooledSession[], { fingerprint }: SessionNeed): PooledSession | undefined {
    const empty = free.find(({ calls }) => calls === 0) ?? (this.fleet.isPerClient ? undefined : this.fleet.enlistSpare());
    if (empty) return empty;
    if (free.some(({ reservedFor }) => reservedFor === fingerprint)) return undefined;
    const next = free.reduce<PooledSession | undefined>((best, member) => (best && best.calls <= member.calls ? best : member), undefined);
    if (next) this.reserve(next, fingerprint);
    return undefined;
  }

  private reserve(member: PooledSession, fingerprint: string): void {
    member.reservedFor = fingerprint;
    this.fleet.settle();
    this.ground.clock.after(RESERVED_MS, () => {
      if (member.reservedFor !== fingerprint) return;
      member.reservedFor = undefined;
      this.fleet.settle();
    });
  }

  /** @returns whether there was one */
  private dropReservations(need: SessionNeed): boolean {
    let found = false;
    for (const member of this.fleet.members.values()) {
      if (member.reservedFor === undefined || member.reservedFor !== need.fingerprint) continue;
      member.reservedFor = undefined;
      found = true;
    }
    return found;
  }

  /** A client whose child is only starting waits for it as long as its call may live; everybody else, briefly. */
  private wait(need: SessionNeed, signal: CallSignal): Promise<Loan | NotLent> {
    return new Promise((resolve) => {
      const startsForIt = this.fleet.isPerClient && this.mayServe(need).length === 0;
      const cancelTimer = startsForIt ? undefined : this.ground.clock.after(PATIENCE_MS, () => giveUp());
      const finish = (answer: Loan | NotLent) => {
        cancelTimer?.();
        signal.removeEventListener('abort', waiter);
        this.waiters.delete(waiter);
        if (!('member' in answer)) this.dropClaim(need);
        if (signal.aborted || 'reason' in answer) this.comesNoMore(need);
        resolve(answer);
      };
      const giveUp = () => finish({ kind: 'no_session' });
      const waiter: Waiter = { need, finish, handleEvent: giveUp };
      this.waiters.add(waiter);
      signal.addEventListener('abort', waiter);
      if (signal.aborted) giveUp();
    });
  }

  /** One that only ran out of patience comes back through the queue, and finds its session kept free. */
  private comesNoMore(need: SessionNeed): void {
    if ([...this.waiters].some((other) => other.need.fingerprint === need.fingerprint)) return;
    if (this.dropReservations(need)) this.fleet.settle();
  }

  /** A client that nobody waits for any more does not keep its place in a full pool. */
  private dropClaim(need: SessionNeed): void {
    if (!this.fleet.isPerClient || this.mayServe(need).length > 0) return;
    if ([...this.waiters].some((other) => clientOf(other.need) === clientOf(need))) return;
    void this.fleet.release(clientOf(need));
  }
}

/** A call that names no client has a child of its own as well, shared with others like it. */
function clientOf({ client = '' }: SessionNeed): string {
  return client;
}

/** Two writes share a session only when every session has one. */
function chooseRoomy(free: PooledSession[], { kind }: SessionNeed, maxInFlight: number): PooledSession | undefined {
  const load = (member: PooledSession) => (kind === 'write' && member.writes > 0 ? maxInFlight : 0) + member.calls;
  let best: PooledSession | undefined;
  for (const member of free) {
    if (member.calls >= maxInFlight) continue;
    const lead = best ? load(best) - load(member) : 1;
    if (!best || lead > 0 || (lead === 0 && member.usedAt > best.usedAt)) best = member;
  }
  return best;
}
