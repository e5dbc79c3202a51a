import type { Random } from '../history/random.js';
import type { Wish } from '../history/wishes.js';

const ENTITIES = [...Array(60).keys()].map((n) => `light.${n}`);

/** Spread out, so that nobody waits long for a neighbour. */
export function aCalmWish(random: Random): Wish {
  return { kind: random.isLucky(0.7) ? 'write' : 'read', entities: [random.pick(ENTITIES)], priority: 'MEDIUM', mayShare: false };
}
