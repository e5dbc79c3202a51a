import type { ClusterTimes } from '../../../src/queue/bullmq/cluster-times.js';
import type { GateTimes } from '../../../src/queue/bullmq/gate-times.js';

/** What a bridge is without for once. None of it can be configured: it is done to the queue from outside. */
export interface Weakness {
  /** False: no call waits for another. */
  readonly locks?: false;
  /** False: the same request id twice is two requests. */
  readonly requestIds?: false;
  /** False: each write is handed out twice, and `begin()` always says yes. */
  readonly journal?: false;
  readonly times?: Partial<ClusterTimes>;
  readonly gateTimes?: Partial<GateTimes>;
}

/** Shorter than the bridge's own, so that nobody waits for its end. */
export const WEAK_LEASE_MS = 3_000;
/** As long as a test may take, and then some: never. */
const NEVER_MS = 3_600_000;

const SHORT_LEASE = { renewMs: WEAK_LEASE_MS / 4, fenceMs: 0.8 * WEAK_LEASE_MS };

export const WEAKNESSES = {
  none: {},
  locks: { locks: false },
  journal: { journal: false },
  requestIds: { requestIds: false },
  fence: { times: { ...SHORT_LEASE, fenceMs: NEVER_MS }, gateTimes: { leaseMs: WEAK_LEASE_MS } },
  freshness: { times: SHORT_LEASE, gateTimes: { leaseMs: WEAK_LEASE_MS, staleMs: NEVER_MS } },
} as const satisfies Record<string, Weakness>;

export type WeaknessName = keyof typeof WEAKNESSES;
