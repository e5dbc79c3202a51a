import type { Kind } from './history.js';
import { EVERYTHING } from './lock-lines.js';
import type { Random } from './random.js';

/** What a caller is about to ask for. */
export interface Wish {
  readonly kind: Kind;
  /** Absent: the one that is called as the kind. */
  readonly tool?: string;
  readonly entities: readonly string[];
  readonly priority: (typeof CLASSES)[number];
  /** Answered from a cache or beside an equal read, when that is allowed. */
  readonly mayShare: boolean;
}

const CLASSES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'BULK'] as const;
const DOMAINS = ['light', 'cover'] as const;
const HOT_ENTITIES = [...Array(10).keys()].map((n) => `${DOMAINS[n % DOMAINS.length] ?? ''}.${n}`);
const WRITES = 0.7;
const SHARED_READS = 0.5;

/** Few entities, so that callers meet: mostly one, sometimes two, a whole domain, or everything. */
export function aWish(random: Random): Wish {
  const kind = random.isLucky(WRITES) ? 'write' : 'read';
  return {
    kind,
    entities: kind === 'write' ? targets(random) : [random.pick(HOT_ENTITIES)],
    priority: random.pick(CLASSES),
    mayShare: kind === 'read' && random.isLucky(SHARED_READS),
  };
}

function targets(random: Random): string[] {
  const reach = random.weighted({ one: 88, two: 8, domain: 3, all: 1 });
  switch (reach) {
    case 'one':
      return [random.pick(HOT_ENTITIES)];
    case 'two':
      return [...new Set([random.pick(HOT_ENTITIES), random.pick(HOT_ENTITIES)])];
    case 'domain':
      return [random.pick(DOMAINS)];
    case 'all':
      return [EVERYTHING];
    default:
      return reach satisfies never;
  }
}
