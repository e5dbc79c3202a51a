import type { Lock } from '../../src/call/call-plan.js';

/** Whether two requests exclude each other, told from the paths alone: the upper one of a related pair is in X. */
export function conflict(some: readonly Lock[], others: readonly Lock[]): boolean {
  return some.some((one) => others.some((other) => meet(one, other)));
}

function meet(one: Lock, other: Lock): boolean {
  const [upper, lower] = one.path.length <= other.path.length ? [one, other] : [other, one];
  if (!upper.path.every((segment, depth) => segment === lower.path[depth])) return false;
  return upper.mode === 'X' || (upper.path.length === lower.path.length && lower.mode === 'X');
}
