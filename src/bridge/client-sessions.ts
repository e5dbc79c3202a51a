import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { BridgeError } from '../call/bridge-error.js';
import { hashOf } from '../call/canonical-json.js';
import type { Json } from '../call/json.js';
import { SharedState } from '../shared-state/shared-state.js';
import { ClientSessionsConfig } from './client-sessions.config.js';
import { SessionQuota } from './session-quota.js';

export interface ClientSession {
  readonly id: string;
  readonly principal: string;
  readonly server: string;
  readonly protocolVersion: string;
  /** The replica that holds the session's own child, where the upstream keeps one per client. */
  readonly owner?: string;
  /** Wall clock, ms since 1970: a restart of this process, or another replica, must read the same moment. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

interface Opened {
  readonly session: ClientSession;
  readonly ended?: ClientSession;
}

/** How long a session that ran out can still be told from one that never was. */
const REMEMBERED_MS = 3_600_000;
/** Moving the expiry costs a write; a session near its end is still never lost by moving it late. */
const LONGEST_TOUCH_GAP_MS = 30_000;

/** REST's sessions: a record in the shared state, so that any replica can serve it, bound to the principal who opened it. */
@Injectable()
export class ClientSessions {
  private readonly quota: SessionQuota;

  constructor(
    private readonly config: ClientSessionsConfig,
    private readonly shared: SharedState,
  ) {
    this.quota = new SessionQuota(config, shared);
  }

  /**
   * Opens a session, or renews the one this caller already holds under that id, be it for another server.
   * @param ownerOf where its own child is to live, if it has one; told of the session that is renewed
   * @returns it, and the one that had this id before and was not renewed: run out, or for another server
   * @throws BridgeError `no_sessions` when too many are open
   */
  async open(
    principal: string,
    server: string,
    protocolVersion: string,
    wanted?: string,
    ownerOf: (renewed?: ClientSession) => string | undefined = () => undefined,
  ): Promise<Opened> {
    const id = wanted ?? randomUUID();
    const createdAt = Date.now();
    const expiresAt = this.expiry(createdAt, createdAt);
    await this.quota.take(principal, keyOf(principal, id), expiresAt - createdAt);
    const before = wanted === undefined ? undefined : await this.read(principal, id);
    const renewed = before?.server === server && before.expiresAt > createdAt ? before : undefined;
    const owner = ownerOf(renewed);
    const session: ClientSession = { id, principal, server, protocolVersion, ...(owner !== undefined && { owner }), createdAt, expiresAt };
    await this.store(session);
    return { session, ...(before && !renewed && { ended: before }) };
  }

  /**
   * The session, its expiry moved by this use.
   * @throws BridgeError `session_expired`: unknown, run out, another's, or opened for another server
   */
  async use(principal: string, server: string, id: string): Promise<ClientSession> {
    const session = await this.read(principal, id);
    const now = Date.now();
    if (session?.server !== server) throw sessionExpired(id);
    if (session.expiresAt <= now) throw sessionExpired(id, session.expiresAt);
    return (await this.touch(session, now)) ?? this.use(principal, server, id);
  }

  /** @throws BridgeError `session_expired` when there was none to end */
  async end(principal: string, id: string): Promise<ClientSession> {
    const session = await this.read(principal, id);
    if (!session || session.expiresAt <= Date.now()) throw sessionExpired(id, session?.expiresAt);
    return (await this.drop(session)) ? session : this.end(principal, id);
  }

  async findOpen(principal: string, id: string): Promise<ClientSession | undefined> {
    const session = await this.read(principal, id);
    return session && session.expiresAt > Date.now() ? session : undefined;
  }

  /** The session was lost with what it stood for; from now on it is unknown, unless it has been opened anew since. */
  async forget(lost: ClientSession): Promise<void> {
    const session = await this.read(lost.principal, lost.id);
    if (session?.createdAt === lost.createdAt && !(await this.drop(session))) await this.forget(lost);
  }

  /** @returns false when somebody has used, ended or opened it since it was read */
  private async drop(session: ClientSession): Promise<boolean> {
    const key = keyOf(session.principal, session.id);
    if (!(await this.shared.deleteIfUnchanged(key, asJson(session)))) return false;
    await this.quota.leave(session.principal, key);
    return true;
  }

  /** @returns undefined when somebody has used, ended or opened it since it was read */
  private async touch(session: ClientSession, now: number): Promise<ClientSession | undefined> {
    const expiresAt = this.expiry(session.createdAt, now);
    if (expiresAt - session.expiresAt < Math.min(LONGEST_TOUCH_GAP_MS, this.config.idleSeconds * 100)) return session;
    const touched = { ...session, expiresAt };
    const key = keyOf(session.principal, session.id);
    // first its place: whoever ends it later takes that away as well
    await this.quota.keep(session.principal, key, expiresAt - now);
    if (await this.shared.putIfUnchanged(key, asJson(session), asJson(touched), keptMs(touched))) return touched;
    if ((await this.shared.get(key)) === undefined) await this.quota.leave(session.principal, key);
    return undefined;
  }

  private expiry(createdAt: number, now: number): number {
    return Math.min(now + this.config.idleSeconds * 1000, createdAt + this.config.maxAgeSeconds * 1000);
  }

  private store(session: ClientSession): Promise<void> {
    return this.shared.put(keyOf(session.principal, session.id), asJson(session), keptMs(session));
  }

  private async read(principal: string, id: string): Promise<ClientSession | undefined> {
    return (await this.shared.get(keyOf(principal, id))) as unknown as ClientSession | undefined;
  }
}

/** Hashed, since the caller chose the id; the principal is part of the name, so one id under two keys is two sessions. */
function keyOf(principal: string, id: string): string {
  return `session:${hashOf([principal, id])}`;
}

function asJson(session: ClientSession): Json {
  return session as unknown as Json;
}

function keptMs({ expiresAt }: ClientSession): number {
  return expiresAt - Date.now() + REMEMBERED_MS;
}

export function sessionExpired(id: string, expiredAt?: number): BridgeError {
  return new BridgeError('session_expired', 'Session expired', {
    session_id: id,
    ...(expiredAt !== undefined && { expired_at: new Date(expiredAt).toISOString() }),
    suggestion: 'Call /mcp/initialize to create a new session',
  });
}
