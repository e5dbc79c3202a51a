import type { Random } from './random.js';

/** How often each fault comes, beside the others. */
export const SHARES = {
  kill_child: 40,
  freeze_child: 10,
  kill_replica: 10,
  end_replica: 10,
  freeze_replica: 10,
  kill_redis: 5,
  slow_redis: 5,
  cut_clients: 5,
  partition: 5,
  cut_writer: 2,
  lose_redis: 2,
} as const;

export type FaultName = keyof typeof SHARES;

/** `within`: nobody is frozen for as long as a lease. `beyond`: one to two leases. */
export const MIXES = ['within', 'beyond'] as const;
export type Mix = (typeof MIXES)[number];

export interface Fault {
  readonly is: FaultName;
  /** Since the last one. */
  readonly afterMs: number;
  readonly lastsMs: number;
  /** From 0 up to 1: which of those that are there. */
  readonly target: number;
}

export interface ScheduleOptions {
  readonly mix: Mix;
  readonly leaseMs: number;
  readonly gapMs: readonly [number, number];
}

const FREEZE_IN_LEASES: Readonly<Record<Mix, readonly [number, number]>> = { within: [0.5, 0.9], beyond: [1, 2] };

/** The faults that a seed names, without an end. */
export function* schedule(random: Random, { mix, leaseMs, gapMs }: ScheduleOptions): Generator<Fault, never> {
  const [low, high] = FREEZE_IN_LEASES[mix];
  for (;;) {
    const is = random.weighted(SHARES);
    const [shortest, longest] = is === 'freeze_replica' ? [low * leaseMs, high * leaseMs] : LASTS_MS[is];
    yield { is, afterMs: random.between(...gapMs), lastsMs: random.between(shortest, longest), target: random.next() };
  }
}

const LASTS_MS: Readonly<Record<Exclude<FaultName, 'freeze_replica'>, readonly [number, number]>> = {
  kill_child: [0, 0],
  freeze_child: [500, 6_000],
  kill_replica: [200, 2_000],
  end_replica: [0, 500],
  kill_redis: [200, 2_000],
  slow_redis: [1_000, 3_000],
  cut_clients: [0, 0],
  partition: [1_000, 10_000],
  // from before it gives up what it cannot renew until others have had it for a while
  cut_writer: [9_000, 19_000],
  lose_redis: [6_000, 9_000],
};
