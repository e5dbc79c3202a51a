/** Nanoseconds of the machine's monotonic clock (`process.hrtime`): one clock for every process on it. */
export type Nanoseconds = number;

export type Kind = 'read' | 'write';

/** What a child wrote down at the moment it happened. */
export interface LedgerLine {
  readonly ev: 'start' | 'end';
  readonly op: string;
  readonly kind: Kind;
  readonly entities: readonly string[];
  readonly value: Value | readonly Value[];
  readonly pid: number;
  readonly replica: string;
  readonly ns: Nanoseconds;
}

/** The op that wrote a register last; null before the first. */
export type Value = string | null;

/** One request of a caller; a repeat under the same id is another attempt at the same op. */
export interface Asked {
  readonly is: 'inv';
  readonly op: string;
  readonly attempt: number;
  readonly ns: Nanoseconds;
  readonly kind: Kind;
  readonly entities: readonly string[];
  readonly deadlineNs: Nanoseconds;
  /** Absent where equal reads may share an answer. */
  readonly nonce?: string;
}

export type Answer =
  | {
      readonly is: 'ok';
      readonly op: string;
      readonly attempt: number;
      readonly ns: Nanoseconds;
      readonly values: readonly Value[];
      readonly nonce?: string;
      /** Present when the answer was labelled stale. */
      readonly ageMs?: number;
    }
  | {
      readonly is: 'not_started' | 'unknown' | 'read_error';
      readonly op: string;
      readonly attempt: number;
      readonly ns: Nanoseconds;
      readonly why: string;
      /** Nobody answered: the connection broke, or the balancer spoke for the replica. */
      readonly isCut?: true;
    };

export type ClientEvent = Asked | Answer;

export interface AuditRow {
  readonly requestId?: string;
  readonly sequence?: number;
  readonly lockKeys: readonly string[];
  readonly outcome: 'done' | 'failed' | 'not_started' | 'unknown';
}

/**
 * A time in which a replica could not do what it should.
 *
 * - `killed`, `frozen`: it could not answer those whose connections it held.
 * - `frozen`, `cut`: it could not hear what others wrote.
 * - `cut`: it could not reach Redis, so that others could not hear of its writes either.
 */
export interface Outage {
  readonly replica: string;
  readonly is: 'killed' | 'frozen' | 'cut';
  readonly fromNs: Nanoseconds;
  readonly untilNs: Nanoseconds;
  /** From here on it says of itself, without a break, that it is ready: it hears and is heard again. */
  readonly wholeNs: Nanoseconds;
}

/** A time in which the process that calls did not run: what came meanwhile was noticed at its end. */
export interface Stall {
  readonly fromNs: Nanoseconds;
  readonly untilNs: Nanoseconds;
}

/** Everything that is known about a run when it is over. */
export interface History {
  readonly ledger: readonly LedgerLine[];
  readonly clients: readonly ClientEvent[];
  readonly audit: readonly AuditRow[];
  /** By pid, when children that are dead by now were last seen alive, in that order: a pid may be used again. */
  readonly lastAlive: ReadonlyMap<number, readonly Nanoseconds[]>;
  readonly outages: readonly Outage[];
  readonly stalls: readonly Stall[];
  /** After so long a frozen replica has lost what it held. */
  readonly leaseMs: number;
  /** Which replica held the connection of an attempt, by `attemptKey`. */
  readonly holders: ReadonlyMap<string, string>;
  /** How long the balancer had an attempt before a replica did, by `attemptKey`. */
  readonly heldNs: ReadonlyMap<string, Nanoseconds>;
}

export function attemptKey({ op, attempt }: { readonly op: string; readonly attempt: number }): string {
  return `${op}#${attempt}`;
}

export const NS_PER_MS = 1e6;
