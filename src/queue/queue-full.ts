import { BridgeError } from '../call/bridge-error.js';

/** How fast a lane, or all of them, gets through what waits. */
export interface Pace {
  /** 0 while nothing has been measured. */
  readonly avgRunMs: number;
  readonly slots: number;
}

const MIN_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
const JITTER = 0.2;

/** The refusal of a caller, with when to come back at the present pace. */
export function queueFull(waiting: number, pace: Pace, random: () => number): BridgeError {
  const estimatedMs = estimateMs(waiting, pace);
  return new BridgeError('queue_full', 'The queue is full', {
    queue_size: waiting,
    estimated_wait_ms: Math.round(estimatedMs),
    retry_after_ms: retryAfterMs(estimatedMs, random),
    outcome: 'not_started',
  });
}

/** How long `ahead` requests take at the present pace; 0 while nothing has been measured. */
export function estimateMs(ahead: number, pace: Pace): number {
  return (ahead * pace.avgRunMs) / Math.max(1, pace.slots);
}

/** Whole seconds, plus some jitter: those who were refused together do not come back together. */
function retryAfterMs(estimatedMs: number, random: () => number): number {
  const wholeMs = Math.ceil(estimatedMs / 1_000) * 1_000;
  return Math.round(Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, wholeMs)) * (1 + JITTER * random()));
}
