const start = performance.now();

/** Long work says what it does and when, on stderr. */
export function say(what) {
  const seconds = Math.round((performance.now() - start) / 1000);
  console.error(`[${String(seconds).padStart(4)} s] ${what}`);
}
