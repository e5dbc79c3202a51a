import type { Clock } from '../call/clock.js';
import type { JsonObject } from '../call/json.js';
import type { ChildExit } from './child-exit.js';
import type { ChildWarden } from './child-warden.js';
import type { EraVerdicts } from './era-verdicts.js';
import type { CallOptions, Exchange, Oddity } from './exchange.js';
import { StartFailure } from './start-failure.js';
import type { UpstreamConfig } from './upstream.config.js';

/** What the child told in its handshake, as it told it. */
export interface SessionDescription {
  readonly era: '2025' | '2026';
  readonly protocolVersion: string;
  readonly serverInfo: JsonObject;
  readonly capabilities: JsonObject;
  readonly instructions?: string;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly warden: ChildWarden;
  readonly verdicts: EraVerdicts;
  readonly on: SessionListener;
  /** What the caller behind this session can be asked for; `{}` when absent. */
  readonly capabilities?: JsonObject;
}

/** Everything that happens on a session outside its calls. Called from `start` on, possibly before it resolves. */
export interface SessionListener {
  notification(session: UpstreamSession, method: string, params: JsonObject): void;
  /** State, inFlight or blocked moved. */
  changed(session: UpstreamSession): void;
  /** Once, after every exchange has settled. */
  gone(session: UpstreamSession, exit: ChildExit): void;
  oddity(kind: Oddity, detail?: string): void;
  log(level: 'debug' | 'info' | 'warn', message: string, fields: object): void;
}

export type SessionState = 'ready' | 'retiring' | 'ending' | 'gone';

/** One child that finished its handshake, until its whole process group is gone. */
export class UpstreamSession {
  readonly id = 0;
  readonly pid = 0;
  readonly startedAt = 0;
  readonly state: SessionState = 'ready';
  /** Calls the child owes an answer, given up writes included. */
  readonly inFlight = 0;
  readonly writesInFlight = 0;
  /** The backlog in front of its stdin is over half its bound. */
  readonly blocked: boolean = false;
  /** Last time a call started or ended. */
  readonly usedAt = 0;
  /** Last line from the child. */
  readonly heardAt = 0;

  constructor(readonly description: SessionDescription) {}

  /** Spawns and shakes hands. @throws StartFailure */
  static start(upstream: UpstreamConfig, _surroundings: Surroundings, _signal: AbortSignal): Promise<UpstreamSession> {
    return Promise.reject(new StartFailure('spawn', `${upstream.name} cannot be started yet`));
  }

  /** A session that is not ready answers `no_session`; `signal`'s reason is a JobAbort. */
  call(_method: string, _params: JsonObject, _options: CallOptions, _signal: AbortSignal): Exchange {
    return { reply: Promise.resolve({ kind: 'no_session' }), settled: Promise.resolve() };
  }

  notify(_method: string, _params: JsonObject): void {
    return;
  }

  /** Ends the whole group and resolves when it is gone; `orderly` closes stdin first, `now` kills at once. */
  end(_how: 'orderly' | 'term' | 'now' = 'orderly'): Promise<void> {
    return Promise.resolve();
  }
}
