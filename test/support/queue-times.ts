import type { BullmqOptions } from '../../src/queue/bullmq/bullmq-work-queue.js';

export const SIGNING_KEY = 'a key that all replicas have';

/** A tenth of the real ones, so that a lease is over before anybody gets bored. */
export const SHORT_TIMES = {
  times: { renewMs: 375, fenceMs: 1_200, fenceTickMs: 25, reconcileMs: 250 },
  gateTimes: { leaseMs: 1_500 },
} satisfies BullmqOptions;
