import type { Nanoseconds } from './history.js';

/** The clock that callers, children and the nemesis share. */
export function now(): Nanoseconds {
  return Number(process.hrtime.bigint());
}
