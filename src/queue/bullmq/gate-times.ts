import { QUEUE_TIMES, type QueueTimes } from '../queue-times.js';

/** Times of the gate in ms. Constants in production: only a test has reason to pass others. */
export interface GateTimes extends Pick<QueueTimes, 'ageingEveryMs' | 'replayMs' | 'replayUnknownMs' | 'repeatableMs'> {
  /** How long a holder may be silent before others take what it had. */
  readonly leaseMs: number;
  /** An acceptance that took longer to arrive is refused. Less than the command's own timeout, or what its sender gave up may run. */
  readonly staleMs: number;
  /** How far the sender's idea of our time may lie ahead. */
  readonly aheadMs: number;
  /** How long the scheduler has to hand out what it was offered, at first and after a reminder. */
  readonly offerAgainMs: number;
  readonly offerOnceMoreMs: number;
  readonly onceMs: number;
  readonly sharedMs: number;
  /** A record outlives its deadline by so much: a caller who was cut off must find the finished call. */
  readonly afterDeadlineMs: number;
  /** How long a body that is not kept for replays waits to be fetched. */
  readonly deliveryMs: number;
  /** Replicas seen so shortly before the newest one are waited for after a restart of Redis. */
  readonly rollCallMs: number;
}

const { ageingEveryMs, replayMs, replayUnknownMs, repeatableMs } = QUEUE_TIMES;

export const GATE_TIMES: GateTimes = {
  ageingEveryMs,
  replayMs,
  replayUnknownMs,
  repeatableMs,
  leaseMs: 15_000,
  staleMs: 1_000,
  aheadMs: 250,
  offerAgainMs: 1_000,
  offerOnceMoreMs: 10_000,
  onceMs: 30_000,
  sharedMs: 5_000,
  afterDeadlineMs: 30_000,
  deliveryMs: 10_000,
  rollCallMs: 2_000,
};
