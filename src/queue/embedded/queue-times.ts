/** Times of the queue in ms. Constants in production: only a test has reason to pass others. */
export interface QueueTimes {
  /** After deadline and hold: a run that is not back by then is a bug. */
  readonly abortGraceMs: number;
  readonly ageingEveryMs: number;
  readonly replayMs: number;
  readonly replayUnknownMs: number;
  /** How long the id of a call that may run again stays bound to its payload. */
  readonly repeatableMs: number;
}

export const QUEUE_TIMES: QueueTimes = {
  abortGraceMs: 5_000,
  ageingEveryMs: 1_000,
  replayMs: 300_000,
  replayUnknownMs: 3_600_000,
  repeatableMs: 60_000,
};
