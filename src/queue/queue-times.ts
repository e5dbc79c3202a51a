/** Times of the queue in ms. Constants in production: only a test has reason to pass others. */
export interface QueueTimes {
  /** After all that a child may take to answer or to die: a run that is not back by then is a bug. */
  readonly abortGraceMs: number;
  /** The longest budget there is: another write on the same child may keep it alive for so long. */
  readonly neighbourMs: number;
  readonly ageingEveryMs: number;
  readonly replayMs: number;
  readonly replayUnknownMs: number;
  /** How long the id of a call that may run again stays bound to its payload. */
  readonly repeatableMs: number;
}

export const QUEUE_TIMES: QueueTimes = {
  abortGraceMs: 5_000,
  neighbourMs: 300_000,
  ageingEveryMs: 1_000,
  replayMs: 300_000,
  replayUnknownMs: 3_600_000,
  repeatableMs: 60_000,
};
