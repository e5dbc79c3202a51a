import { once } from 'node:events';
import { type HouseFailure, timedOut } from './failures.js';

/** The answer, or the failure as soon as the signal ends the wait. What was asked goes on. */
export async function within<T>(signal: AbortSignal, answer: Promise<T>, failure: () => HouseFailure = timedOut): Promise<T> {
  answer.catch(() => undefined);
  if (signal.aborted) throw failure();
  const answered = new AbortController();
  const over = once(signal, 'abort', { signal: answered.signal }).then(() => {
    throw failure();
  });
  over.catch(() => undefined);
  try {
    return await Promise.race([answer, over]);
  } finally {
    answered.abort();
  }
}
