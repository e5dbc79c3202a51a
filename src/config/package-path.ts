import { fileURLToPath } from 'node:url';

/** A file of this package by its path from the root; `src/config` and `dist/config` lie equally deep. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
