import { setTimeout as pause } from 'node:timers/promises';
import { type Nanoseconds, NS_PER_MS } from './history.js';
import { now } from './now.js';

/** One that has just woken up may not have noticed yet that its connections are gone. */
const TIMES_IN_A_ROW = 3;
const BETWEEN_LOOKS_MS = 150;
/** Longer than others may freeze it meanwhile, and what Redis is away. */
const WITHIN_MS = 60_000;

/**
 * Resolves when a replica has said several times that it is ready, with the time of the last.
 *
 * @throws when it does not in a minute
 */
export async function untilWhole(url: string, withinMs = WITHIN_MS): Promise<Nanoseconds> {
  const giveUpNs = now() + withinMs * NS_PER_MS;
  for (let times = 0; ;) {
    times = (await isReady(url)) ? times + 1 : 0;
    if (times === TIMES_IN_A_ROW) return now();
    if (now() > giveUpNs) throw new Error(`${url} was not ready again within ${withinMs / 1000} s`);
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
