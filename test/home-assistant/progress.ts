const startMs = performance.now();

/** What long work is at, and since when, on stderr. */
export function say(what: string): void {
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.error(`[${String(seconds).padStart(4)} s] ${what}`);
}
