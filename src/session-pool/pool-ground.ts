import { availableParallelism } from 'node:os';
import { type Clock, systemClock } from '../call/clock.js';
import type { SharedState } from '../shared-state/shared-state.js';
import { ChildWarden } from './child-warden.js';
import type { PoolObserver } from './pool-observer.js';
import type { ChildSession } from './pooled-session.js';
import { SharedVerdicts } from './shared-verdicts.js';
import { StartGate } from './start-gate.js';
import { type SessionListener, UpstreamSession } from './upstream-session.js';
import type { UpstreamConfig } from './upstream.config.js';

export const POOL_GROUND = Symbol('POOL_GROUND');

/** Starts one child and shakes hands with it. @throws StartFailure */
export type StartSession = (upstream: UpstreamConfig, on: SessionListener, signal: AbortSignal) => Promise<ChildSession>;

/** What the pool of every upstream stands on. */
export interface PoolGround {
  readonly clock: Clock;
  readonly random: () => number;
  readonly gate: StartGate;
  readonly start: StartSession;
  readonly observer: PoolObserver | undefined;
  readonly log: SessionListener['log'];
  /** To be called when the last child is gone. */
  close(): void;
}

/** The words of Nest's logger that are needed here. */
export interface PoolLogger {
  debug(message: string, fields: object): void;
  log(message: string, fields: object): void;
  warn(message: string, fields: object): void;
}

/** Real children under one warden, on the process's own clock. */
export function realGround(shared: SharedState, logger: PoolLogger, observer?: PoolObserver): PoolGround {
  const warden = new ChildWarden(systemClock);
  const verdicts = new SharedVerdicts(shared);
  return {
    clock: systemClock,
    random: Math.random,
    gate: new StartGate(Math.max(2, availableParallelism())),
    start: (upstream, on, signal) => UpstreamSession.start(upstream, { clock: systemClock, warden, verdicts, on }, signal),
    observer,
    log: (level, message, fields) => logger[level === 'info' ? 'log' : level](message, fields),
    close: () => warden.close(),
  };
}
