import type { Priority } from '../../call/priority.js';
import type { LockLine } from '../lock-lines.js';
import type { JobKey } from '../work-queue.js';
import type {
  AcceptAnswer,
  BeginAnswer,
  ClaimAnswer,
  EndState,
  FinishAnswer,
  GateStats,
  GiveBackAnswer,
  HandOutKey,
  Kind,
  LeaveAnswer,
  PeekAnswer,
  RenewAnswer,
  SweepAnswer,
} from './gate-answers.js';
import type { OutcomeBody } from './outcome-body.js';

/**
 * Owns acceptance, locks, journal, leases and outcomes of all replicas; each method is one atomic script in Redis.
 * `accept`, `leave`, `sweep`, `peek`, `stats` and `body` go over the connection that gives up soon, the others over
 * the one that sends until it passes: those are idempotent for the same holder and turn.
 */
export abstract class Gate {
  /** Puts a request into all its lines under one seq. Never send an acceptance twice: when its answer is lost, `peek`. */
  abstract accept(request: Acceptance): Promise<AcceptAnswer>;

  abstract claim(handOut: HandOutKey): Promise<ClaimAnswer>;

  /** Writes only: a read began when it was claimed. */
  abstract begin(handOut: HandOutKey): Promise<BeginAnswer>;

  /** @param origin the replica that the sealed envelope names, told when Redis has forgotten the request */
  abstract finish(handOut: HandOutKey, ending: Ending, origin: string): Promise<FinishAnswer>;

  abstract giveBack(handOut: HandOutKey, how: GiveBack): Promise<GiveBackAnswer>;

  /** All that this replica holds, in one go; also nothing. */
  abstract renew(held: readonly Held[]): Promise<RenewAnswer>;

  /** This replica's last caller of the request goes, by himself or because his own time is over. */
  abstract leave(id: string, why: 'left' | 'deadline'): Promise<LeaveAnswer>;

  /**
   * Mends what time and dead replicas leave behind, and says that this one lives. Twice a second, at once when slots
   * change, and on each new connection after `renew`.
   */
  abstract sweep(report: Report): Promise<SweepAnswer>;

  abstract peek(ids: readonly string[]): Promise<PeekAnswer>;

  abstract stats(): Promise<GateStats>;

  /** What a settlement with `stored` stands for; undefined once it has gone. */
  abstract body(id: string): Promise<Buffer | undefined>;

  /** Takes this replica out: its slots no longer count and nobody waits for its death. */
  abstract retire(): Promise<void>;
}

export interface Acceptance {
  readonly key: JobKey;
  readonly kind: Kind;
  /** `<upstream>`, or `<upstream>@<replica>` when only that replica can run it. */
  readonly lane: string;
  readonly priority: Priority;
  readonly share: string;
  /** None when nothing is locked; their order does not matter. */
  readonly lines: readonly LockLine[];
  /** The sealed envelope. */
  readonly payload: string;
  readonly budgetMs: number;
  /** How often a read may begin in all. */
  readonly attempts: number;
  /** The clock of Redis when this is sent, in ms. */
  readonly sentAt: number;
  readonly maxSize: number;
  /** There is a slot free here: whoever would be offered may as well run at once, as this holder. */
  readonly holder?: string;
}

/** How a request ended, told by its holder. */
export interface Ending {
  readonly state: Extract<EndState, 'done' | 'failed' | 'unknown' | 'cancelled'>;
  /** For a state without a body. */
  readonly why: string;
  /** Whether `Job.begin` had been passed: a read that never asked did not begin for its callers. */
  readonly begun: boolean;
  readonly body?: OutcomeBody;
  readonly ranMs: number;
}

/** `put_back`: certain that no byte left, no attempt counted. `retry`: a read that ran in vain. */
export interface GiveBack {
  readonly as: 'put_back' | 'retry';
  readonly delayMs: number;
  /** Of this hand-out, when it had begun. */
  readonly ranMs: number;
}

export interface Held extends HandOutKey {
  readonly begun: boolean;
}

export interface Report {
  /** Of the lanes that are open here; those that are not named are closed. */
  readonly slots: Readonly<Record<string, number>>;
  /** The last one this replica knows and has renewed under; absent before its first sweep. */
  readonly epoch?: string;
  /** How many requests one sweep may touch. */
  readonly limit?: number;
}
