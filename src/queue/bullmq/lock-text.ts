import type { LockLine } from '../lock-lines.js';

/** The lines of a request as the gate keeps them and the signature covers them; no lines are `[]`. */
export function lockText(lines: readonly LockLine[]): string {
  return JSON.stringify(lines.map(({ line, mode }) => [line, mode]));
}
