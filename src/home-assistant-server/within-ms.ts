/**
 * Lends a signal that ends when the caller's does, or when the time is over. A timer that is running holds it: what
 * `AbortSignal.any` makes of `AbortSignal.timeout` may be collected on Node 20 before it has fired.
 */
export async function withinMs<T>(limitMs: number, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const sooner = new AbortController();
  const end = () => sooner.abort();
  const timer = setTimeout(end, limitMs);
  timer.unref();
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    return await run(sooner.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
