import type { ErrorBody } from '../call/bridge-error.js';
import type { Lock } from '../call/call-plan.js';
import type { CallSignal } from '../call/call-signal.js';
import type { Json } from '../call/json.js';
import type { Outcome } from '../call/outcome.js';
import type { Priority } from '../call/priority.js';

/**
 * Decides who runs, when, and how often. A write runs at most once per request id, writes that share a lock line run
 * one at a time in order of acceptance, and every accepted call is answered.
 * Every adapter passes `test/contract/work-queue.spec.ts`, sentence by sentence.
 */
export abstract class WorkQueue {
  /**
   * Resolves when the call is accepted; from then on the order of its locks is fixed and it will be answered.
   * Aborting `signal` says that this caller has left: what waits is dropped, a read that runs is aborted, a write that
   * began runs to its end. The last caller of a shared request decides.
   * @throws BridgeError `queue_full`, `draining`, `store_away`, `request_id_reused`, `outcome_unknown`
   */
  abstract submit(spec: JobSpec, signal: CallSignal): Promise<Ticket>;

  /**
   * Runs at most `slots` calls of `lane` at a time in this process; 0 is allowed. One consumer per lane.
   * A throw in `run` is a bug: logged, and the call ends `failed`, or `unknown` when a write had begun.
   */
  abstract consume(lane: string, slots: number, run: (job: Job) => Promise<Verdict>): Consumer;

  /**
   * Numbers of one moment. Where Redis has them and cannot be asked it rejects: with `store_away` at once when that is
   * known, else after 1.5 s without an answer. `signal` is looked at once, before Redis is asked.
   */
  abstract stats(signal: AbortSignal): Promise<QueueStats>;

  abstract ready(): Readiness;

  /**
   * Refuses new calls, lets begun ones end for `drainMs`, then ends what is left; resolves with nothing running.
   * Called again, it hurries the first: begun calls have the new `drainMs` at most.
   */
  abstract close(drainMs: number): Promise<void>;
}

/**
 * - `client`: the caller named it; `id` = sha256(principal, X-Request-ID), `hash` = sha256(canonical call). Joined
 *   while open, replayed once settled.
 * - `once`: a uuid that nobody can repeat.
 * - `shared`: equal reads under way are one; `id` names the read.
 */
export type JobKey =
  { readonly as: 'client'; readonly id: string; readonly hash: string } | { readonly as: 'once' | 'shared'; readonly id: string };

export interface JobSpec {
  readonly key: JobKey;
  /** One upstream, so that a slow one cannot hold the slots of another. */
  readonly lane: string;
  readonly kind: 'read' | 'write';
  readonly priority: Priority;
  /** Who waits: principal, else address. A greedy one delays itself only. */
  readonly share: string;
  readonly payload: Json;
  readonly locks: readonly Lock[];
  /** What is left of the one deadline, in ms: waiting and running share it. */
  readonly budgetMs: number;
  /** How long after the budget a write keeps its locks while the upstream still owes the answer, in ms. */
  readonly holdMs: number;
  readonly retry?: { readonly attempts: number; readonly baseMs: number; readonly maxMs: number };
}

export interface Ticket {
  readonly id: string;
  /** Order of acceptance. 0: nothing was accepted, because the caller had left before; the outcome says `not_started`. */
  readonly seq: number;
  readonly how: 'queued' | 'joined' | 'replayed';
  /** Who waits in the same lane and is served before it, as things stood at its acceptance; 0 when it runs or is over. */
  readonly ahead: number;
  /** What those take at the present pace, in ms; locks are not in it, and 0 may mean that nothing was measured yet. */
  readonly estimatedWaitMs: number;
  /** Never rejects, and resolves at the latest 500 ms after this caller's own budget. */
  readonly outcome: Promise<Outcome>;
}

export interface Job {
  readonly id: string;
  readonly seq: number;
  readonly lane: string;
  readonly kind: 'read' | 'write';
  readonly payload: Json;
  /** 1 for the first hand-out that begins; put-backs do not count. */
  readonly attempt: number;
  /** Milliseconds left of the budget at hand-out. */
  readonly remainingMs: number;
  /** Aborts with a `JobAbort` as its reason, once: the call is to be answered. A child may still owe the end of a write. */
  readonly signal: CallSignal;
  /**
   * Aborts when it may owe nothing any more, after `signal` if not together with it: the lease is lost, or a drain is
   * over. What still works on a write is to be killed, because a successor may begin soon.
   */
  readonly revoked: CallSignal;
  /** Journals that bytes may leave from now on. False: the job was lost to us; send nothing, the verdict is ignored. */
  begin(): Promise<boolean>;
  /** Whether the lease still holds, by the monotonic clock; ask in the very tick of the write to stdin. */
  held(): boolean;
}

/** Why a running job must end. */
export type JobAbort = 'deadline' | 'cancelled' | 'draining' | 'lease_lost';

/**
 * - `done`: the upstream answered, `isError` included.
 * - `retry`: transient; a read may run again, a write ends `failed`.
 * - `put_back`: certain that no byte left: another hand-out after `afterMs`, for writes too, no attempt counted.
 * - `unknown`: sent, answer lost; from a read it counts as `retry`.
 */
export type Verdict =
  | { readonly as: 'done'; readonly result: Json }
  | { readonly as: 'failed' | 'retry'; readonly error: ErrorBody }
  | { readonly as: 'unknown'; readonly reason: string }
  | { readonly as: 'put_back'; readonly reason: string; readonly afterMs: number };

export interface Consumer {
  setSlots(slots: number): void;
  close(drainMs: number): Promise<void>;
}

export type Readiness = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface QueueStats {
  /** Accepted and not yet handed out, parked ones included: what admission counts. */
  readonly waiting: number;
  readonly waitingByClass: Readonly<Record<Priority, number>>;
  readonly parked: { readonly lock: number; readonly share: number };
  readonly running: number;
  /** Calls that run, by the class they were accepted in. */
  readonly runningByClass: Readonly<Record<Priority, number>>;
  readonly slots: number;
  readonly oldestWaitMs: number;
  /** Mean of recent runs; 0 when nothing has run yet. */
  readonly avgRunMs: number;
  /** Bodies of outcomes that are kept for replays, or until they are fetched. */
  readonly storedBytes: number;
  readonly lanes: Readonly<Record<string, LaneStats>>;
}

export interface LaneStats {
  readonly waiting: number;
  readonly running: number;
  readonly slots: number;
}
