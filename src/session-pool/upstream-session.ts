import type { CallSignal } from '../call/call-signal.js';
import type { Clock } from '../call/clock.js';
import type { JsonObject } from '../call/json.js';
import type { ChildExit } from './child-exit.js';
import { ChildLink } from './child-link.js';
import type { Ending } from './child-process.js';
import type { ChildWarden } from './child-warden.js';
import type { EraVerdicts } from './era-verdicts.js';
import type { CallOptions, Exchange, Oddity } from './exchange.js';
import { CLIENT_INFO, Handshake } from './handshake.js';
import { over } from './line-client.js';
import { inEra, modernEnvelope } from './request-meta.js';
import type { SessionDescription } from './session-description.js';
import type { UpstreamConfig } from './upstream.config.js';

export type { SessionDescription } from './session-description.js';

export interface Surroundings {
  readonly clock: Clock;
  readonly warden: ChildWarden;
  readonly verdicts: EraVerdicts;
  readonly on: SessionListener;
  /** What the caller behind this session can be asked for; `{}` when absent. */
  readonly capabilities?: JsonObject;
}

/** Everything that happens on a session outside its calls. Only `oddity` and `log` are called before `start` resolves. */
export interface SessionListener {
  notification(session: UpstreamSession, method: string, params: JsonObject): void;
  /** State, inFlight or blocked moved. */
  changed(session: UpstreamSession): void;
  /** Once, after every exchange has settled. */
  gone(session: UpstreamSession, exit: ChildExit): void;
  oddity(kind: Oddity, detail?: string): void;
  log(level: 'debug' | 'info' | 'warn', message: string, fields: object): void;
}

/** `retiring`: it owes the answer to a write whose caller was told already; back to `ready` when that comes. */
export type SessionState = 'ready' | 'retiring' | 'ending' | 'gone';

let lastId = 0;

/** One child that finished its handshake, until its whole process group is gone. */
export class UpstreamSession {
  readonly id = ++lastId;
  readonly startedAt: number;
  private readonly envelope: JsonObject;
  private isGone = false;

  private constructor(
    private readonly link: ChildLink,
    readonly description: SessionDescription,
    private readonly surroundings: Surroundings,
  ) {
    this.envelope = modernEnvelope(CLIENT_INFO, surroundings.capabilities ?? {});
    this.startedAt = surroundings.clock.now();
    link.attach({
      notification: (method, params) => surroundings.on.notification(this, method, params),
      changed: () => this.follow(),
    });
    void link.gone.then((exit) => this.leave(exit));
  }

  /** Spawns and shakes hands. @throws StartFailure */
  static async start(upstream: UpstreamConfig, surroundings: Surroundings, signal: AbortSignal): Promise<UpstreamSession> {
    const { clock, verdicts, capabilities = {} } = surroundings;
    const open = (): Promise<ChildLink> => ChildLink.open(upstream, surroundings);
    const { link, description } = await new Handshake({ upstream, capabilities, verdicts, clock, open }, signal).shake();
    return new UpstreamSession(link, description, surroundings);
  }

  get pid(): number {
    return this.link.pid;
  }

  get state(): SessionState {
    if (this.isGone) return 'gone';
    if (this.link.ending) return 'ending';
    return this.link.client.calls.owedWrites > 0 ? 'retiring' : 'ready';
  }

  /** Calls the child owes an answer, given up writes included. */
  get inFlight(): number {
    return this.link.client.calls.size;
  }

  get writesInFlight(): number {
    return this.link.client.calls.writesInFlight;
  }

  /** The backlog in front of its stdin is over half its bound. */
  get blocked(): boolean {
    return this.link.client.blocked;
  }

  /** When the child last said anything. */
  get heardAt(): number {
    return this.link.client.heardAt;
  }

  /** A session that is not ready answers `no_session`; the reason of `signal` is a JobAbort. */
  call(method: string, params: JsonObject, options: CallOptions, signal: CallSignal): Exchange {
    if (this.state !== 'ready') return over({ kind: 'no_session' });
    return this.link.client.call(method, this.inEra(params), options, signal);
  }

  notify(method: string, params: JsonObject): void {
    if (!this.link.ending) this.link.client.notify(method, this.inEra(params));
  }

  /** Ends the whole group and resolves when it is gone; `orderly` closes stdin first, `now` kills at once. */
  async end(how: Ending = 'orderly'): Promise<void> {
    await this.link.end(how);
  }

  private inEra(params: JsonObject): JsonObject {
    return inEra(params, this.description.era, this.envelope);
  }

  /** A write nobody can recall has had its time: the child ends, once that makes no other write unknown. */
  private follow(): void {
    const { overdueWrites, openWrites } = this.link.client.calls;
    if (overdueWrites > 0 && openWrites === 0 && !this.link.ending) void this.link.end('term');
    this.surroundings.on.changed(this);
  }

  private leave(exit: ChildExit): void {
    this.isGone = true;
    this.surroundings.on.changed(this);
    this.surroundings.on.gone(this, exit);
  }
}
