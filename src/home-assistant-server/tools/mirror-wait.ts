import { once } from 'node:events';
import type { EntityMirror } from '../entity-mirror.js';

/** Resolves with what `look` finds in the mirror, or with undefined after `withinMs`. */
export async function waitFor<T>(
  mirror: EntityMirror,
  look: (mirror: EntityMirror) => T | undefined,
  withinMs: number,
): Promise<T | undefined> {
  const signal = AbortSignal.timeout(withinMs);
  let found = look(mirror);
  const seen = new Promise<void>((resolve) => {
    if (found !== undefined) resolve();
    const end = mirror.onChange(() => {
      found ??= look(mirror);
      if (found !== undefined) resolve();
    });
    signal.addEventListener('abort', end);
  });
  await Promise.race([seen, once(signal, 'abort')]);
  return found;
}
