import type { JsonObject } from '../call/json.js';
import type { CrashRecord, StartTrouble } from './crash-record.js';
import type { Fleet } from './fleet.js';
import type { PooledSession } from './pooled-session.js';

/** The children of one upstream at this moment. */
export interface UpstreamStatus {
  /** Handshaken and fit for calls, spares included: `busy` of them have a call in flight, `idle` none. */
  readonly ready: number;
  readonly busy: number;
  readonly idle: number;
  readonly starting: number;
  /** On their way out, and those that may come back once a late write is answered. */
  readonly leaving: number;
  readonly total: number;
  /** Share of the ready sessions with a call in flight, 0 to 1. */
  readonly utilization: number;
  /** Calls that have a session, whatever its state. */
  readonly inFlight: number;
  /** The same children by whom they serve; every one of them begins as a spare. */
  readonly kinds: Readonly<Record<'plain' | 'dedicated' | 'spare', KindStatus>>;
  /** A start is under way or worth waiting for. */
  readonly canStart: boolean;
  /** Present from the first failure until a child has proved itself. */
  readonly failure?: StartTrouble;
  /** Last answer of the upstream's health resource. */
  readonly health?: JsonObject;
  readonly catalogHash?: string;
  /** Calls refused at present because they end their child. */
  readonly quarantined: number;
}

export type KindStatus = Readonly<Record<'busy' | 'idle' | 'starting' | 'leaving', number>>;

type Told = Pick<UpstreamStatus, 'health' | 'catalogHash' | 'quarantined'>;

export function statusOf(fleet: Fleet, { trouble, broken }: CrashRecord, told: Told): UpstreamStatus {
  const members = [...fleet.members.values()];
  const ready = members.filter(isReady);
  const busy = ready.filter(({ calls }) => calls > 0).length;
  const kindOf = (kind: PooledSession['role']['as'], starting = 0): KindStatus => {
    const own = members.filter(({ role }) => role.as === kind);
    const ready = own.filter(isReady);
    const busy = ready.filter(({ calls }) => calls > 0).length;
    return { busy, idle: ready.length - busy, starting, leaving: own.length - ready.length };
  };
  return {
    ready: ready.length,
    busy,
    idle: ready.length - busy,
    starting: fleet.starting,
    leaving: members.length - ready.length,
    total: members.length + fleet.starting,
    utilization: ready.length === 0 ? 0 : busy / ready.length,
    inFlight: members.reduce((sum, { calls }) => sum + calls, 0),
    kinds: { plain: kindOf('plain'), dedicated: kindOf('dedicated'), spare: kindOf('spare', fleet.starting) },
    canStart: !fleet.isClosed && !broken,
    ...(trouble && { failure: trouble }),
    ...told,
  };
}

function isReady({ session }: PooledSession): boolean {
  return session.state === 'ready';
}
