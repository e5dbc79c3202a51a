import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_LOOKS_MS = 3;

/** Waits for a condition, looking often; fails with what it last saw. */
export async function eventually<T>(look: () => T | Promise<T>, isThere: (seen: T) => boolean = Boolean, withinMs = 5000): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isThere(seen)) return seen;
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(seen)}`);
    await pause(BETWEEN_LOOKS_MS);
  }
}
