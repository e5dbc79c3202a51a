import type { SessionPoolConfig } from './session-pool.config.js';

type Bounds = Pick<SessionPoolConfig, 'minConnections' | 'targetConnections' | 'maxConnections' | 'autoScale' | 'scaleFactor'>;

/** What the scaling rule looks at. */
export interface Load {
  /** Calls of this upstream that wait for a slot. */
  readonly waiting: number;
  readonly ready: number;
  /** Waiting and running of recent calls, in ms. */
  readonly avgResponseMs: number;
}

/** The children of one upstream, counted. */
export interface Census {
  /** Sessions that should serve calls. */
  readonly wanted: number;
  /** Sessions that should stand by. */
  readonly spares: number;
  /** Sessions that serve or stand by. */
  readonly usable: number;
  readonly starting: number;
  /** Processes that count towards the maximum: usable, and retiring ones that may come back. */
  readonly alive: number;
  readonly max: number;
  /** The first child is up and says nothing against company. */
  readonly mayFollow: boolean;
  readonly failuresInARow: number;
}

/** Sessions to serve with before anybody has called. */
export function bootSize({ minConnections, targetConnections, maxConnections, autoScale }: Bounds): number {
  return Math.min(autoScale ? minConnections : targetConnections, maxConnections);
}

/** One more for a call that found no room; load alone never grows a pool above its target. */
export function grownSize(size: number, { targetConnections, maxConnections }: Bounds): number {
  return Math.max(size, Math.min(size + 1, targetConnections, maxConnections));
}

/** The only way above the target: more than two waiting calls a session, and answers slower than a second. */
export function scaledSize(size: number, { waiting, ready, avgResponseMs }: Load, { scaleFactor, maxConnections }: Bounds): number {
  if (waiting <= ready * 2 || avgResponseMs <= 1000) return size;
  return Math.max(size, Math.min(Math.ceil(size * scaleFactor), maxConnections));
}

/** The size after one session was idle for too long. */
export function shrunkSize(size: number, { minConnections, autoScale }: Bounds): number {
  return autoScale ? Math.min(size, Math.max(size - 1, minConnections)) : size;
}

/** How many starts to begin now. */
export function startsNow(census: Census): number {
  const { wanted, spares, usable, starting, alive, max } = census;
  const missing = wanted + spares - usable - starting;
  const room = max - alive - starting;
  return Math.max(0, Math.min(missing, room, atOnce(census)));
}

/** An upstream's first child starts alone, and so does every attempt after a failure. */
function atOnce({ usable, starting, mayFollow, failuresInARow }: Census): number {
  if (usable === 0) return 1 - starting;
  if (!mayFollow) return 0;
  return failuresInARow > 0 ? 1 - starting : Infinity;
}
