/** Numbers that both adapters go by; the scripts of the gate know them as `R`. */
export const QUEUE_RULES = {
  /** By priority: waiting calls that one may find, in percent of `queue.max_size`. The urgent still get in when the rest is shed. */
  fullAtPercent: [110, 105, 100, 100, 80],
  /** Of so many calls of a lane that end, one may have risen by age. */
  settledPerAged: 10,
  /** So much of its budget has to be over before a call may rise. */
  agedAfterPart: 0.25,
  /** Ready or running calls of one caller and class in a lane: so many at least, */
  shareAtLeast: 4,
  /** and as many as the slots of the lane take in so many rounds. */
  shareRounds: 2,
  /** What the latest run counts in the mean of a lane. */
  smoothing: 0.05,
  /** A longer outcome is not kept for replays. */
  mostBodyBytes: 262_144,
  /** Nor is one that would bring all that are kept above this. */
  mostStoredBytes: 67_108_864,
} as const;
