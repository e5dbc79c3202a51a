import { setTimeout as pause } from 'node:timers/promises';
import type { Nanoseconds } from './history.js';
import { now } from './now.js';

/** One that has just woken up may not have noticed yet that its connections are gone. */
const TIMES_IN_A_ROW = 3;
const BETWEEN_LOOKS_MS = 150;

/** Resolves when a replica has said several times that it is ready, with the time of the last. */
export async function untilWhole(url: string): Promise<Nanoseconds> {
  let times = 0;
  for (;;) {
    times = (await isReady(url)) ? times + 1 : 0;
    if (times === TIMES_IN_A_ROW) return now();
    await pause(BETWEEN_LOOKS_MS);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { status } = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return status === 200;
  } catch {
    return false;
  }
}
