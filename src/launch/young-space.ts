import { setFlagsFromString } from 'node:v8';

/** V8's own, which is put back when the start is over. */
export const GROWTH_FACTOR = 2;

/**
 * Loading the program makes V8 widen its space for young objects to what a busy server needs, and V8 hardly ever narrows it
 * again: a fifth of an idle bridge. To be called before anything large is loaded.
 */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** From here on it grows with the load, as ever. */
export function letYoungSpaceGrow(): void {
  setFlagsFromString(`--semi-space-growth-factor=${GROWTH_FACTOR}`);
}
