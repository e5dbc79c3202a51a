import { QUEUE_TIMES } from '../queue-times.js';

/** Times of a replica in ms; those of the gate are `GateTimes`. Constants in production: only a test has reason to pass others. */
export interface ClusterTimes {
  readonly renewMs: number;
  /** A hand-out that was not renewed for so long is given up here, before the lease ends and somebody else takes it. */
  readonly fenceMs: number;
  readonly fenceTickMs: number;
  readonly sweepMs: number;
  /** Replicas that started together shall not sweep together: up to so much more or less. */
  readonly sweepJitterMs: number;
  readonly reconcileMs: number;
  /** How long a caller's own answer may be put off to learn from Redis what it should be. */
  readonly answerMs: number;
  /** When an acceptance without an answer may be asked for: by then it is either done or would be refused as stale. */
  readonly doubtMs: number;
  /** What Redis has forgotten may still be finished by its holder: a write waits so long for that word. */
  readonly lateWordMs: number;
  /** Without a sweep or a renewal for so long a replica does not know what the others do. */
  readonly silentMs: number;
  /** As in one process: what a run may take after all its grace, before it counts as a bug. */
  readonly abortGraceMs: number;
  readonly neighbourMs: number;
}

export const CLUSTER_TIMES: ClusterTimes = {
  renewMs: 3_750,
  fenceMs: 12_000,
  fenceTickMs: 250,
  sweepMs: 500,
  sweepJitterMs: 50,
  reconcileMs: 1_000,
  answerMs: 450,
  doubtMs: 1_500,
  lateWordMs: 1_500,
  silentMs: 5_000,
  abortGraceMs: QUEUE_TIMES.abortGraceMs,
  neighbourMs: QUEUE_TIMES.neighbourMs,
};
