/** Times of the gate in ms. Constants in production: only a test has reason to pass others. */
export interface GateTimes {
  /** How long a holder may be silent before others take what it had. */
  readonly leaseMs: number;
  /** An acceptance that took longer to arrive is refused. Less than the command's own timeout, or what its sender gave up may run. */
  readonly staleMs: number;
  /** How far the sender's idea of our time may lie ahead. */
  readonly aheadMs: number;
  /** How long the scheduler has to hand out what it was offered, at first and after a reminder. */
  readonly offerAgainMs: number;
  readonly offerOnceMoreMs: number;
  readonly ageingEveryMs: number;
  readonly replayMs: number;
  readonly replayUnknownMs: number;
  /** How long the id of a call that may run again stays bound to its payload. */
  readonly repeatableMs: number;
  readonly onceMs: number;
  readonly sharedMs: number;
  /** A record outlives its deadline by so much: a caller who was cut off must find the finished call. */
  readonly afterDeadlineMs: number;
  /** How long a body that is not kept for replays waits to be fetched. */
  readonly deliveryMs: number;
  /** Replicas seen so shortly before the newest one are waited for after a restart of Redis. */
  readonly rollCallMs: number;
}

export const GATE_TIMES: GateTimes = {
  leaseMs: 15_000,
  staleMs: 1_000,
  aheadMs: 250,
  offerAgainMs: 1_000,
  offerOnceMoreMs: 10_000,
  ageingEveryMs: 1_000,
  replayMs: 300_000,
  replayUnknownMs: 3_600_000,
  repeatableMs: 60_000,
  onceMs: 30_000,
  sharedMs: 5_000,
  afterDeadlineMs: 30_000,
  deliveryMs: 10_000,
  rollCallMs: 2_000,
};
