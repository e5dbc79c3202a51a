import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { isJsonObject, type Json } from '../call/json.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { Replicas } from '../shared-state/replicas.js';
import { SharedState } from '../shared-state/shared-state.js';
import { ClientHomes } from './client-homes.js';
import { ClientSessionsConfig } from './client-sessions.config.js';
import { type ClientSession, ClientSessions, sessionExpired } from './client-sessions.js';

/** Where the child of a client lives, and whose it is there. */
export interface ClientPlace {
  readonly client: string;
  readonly owner: string;
}

interface Client {
  readonly server: string;
  readonly principal: string;
  /** Absent: the principal's own child, for his one-shot calls. */
  readonly session?: string;
  /** Wall clock ms, of the last call that came to this replica. */
  usedAt: number;
  /** Wall clock ms: when it is to be found out whether anybody still uses it. */
  lookAt: number;
}

const CHANNEL = 'clients';
const SWEEP_MS = 1000;
/** Until a store that did not answer is asked again. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Who owns a child of an upstream with one child per client, so that child and client session end together: state is
 * never lost silently, and nobody's child stays for ever. Each child lives on one replica, and every replica knows which.
 */
@Injectable()
export class DedicatedClients implements OnModuleInit, OnModuleDestroy {
  /** Whose children live here. */
  private readonly clients = new Map<string, Client>();
  private readonly homes: ClientHomes;
  private readonly logger = new Logger(DedicatedClients.name);
  private sweeping?: NodeJS.Timeout;
  private unsubscribe?: () => void;

  constructor(
    private readonly config: ClientSessionsConfig,
    private readonly sessions: ClientSessions,
    private readonly pool: SessionPool,
    private readonly shared: SharedState,
    private readonly replicas: Replicas,
  ) {
    this.homes = new ClientHomes(shared, replicas, config);
  }

  onModuleInit(): void {
    this.sweeping = setInterval(() => this.endForgotten(), SWEEP_MS).unref();
    // an ending that is missed is found when the session would have run out
    this.unsubscribe = this.shared.subscribe(
      CHANNEL,
      (message) => this.hear(message),
      () => undefined,
    );
  }

  onModuleDestroy(): void {
    clearInterval(this.sweeping);
    this.unsubscribe?.();
    // what ends with its replica needs no word in the store, which may be closed by then: others find the owner gone
    this.clients.clear();
  }

  /** Where the child of a new session is to live: where it lives already, when it renews one, else here. */
  ownerOf(renewed?: ClientSession): string {
    const owner = renewed?.owner;
    return owner !== undefined && !this.replicas.isGone(owner) ? owner : this.replicas.id;
  }

  /**
   * Notes a use, and tells where the child is.
   * @throws BridgeError `session_expired` when the replica that held the child of this session is gone
   */
  async use(server: string, principal: string, session?: ClientSession): Promise<ClientPlace> {
    const owner = session ? (session.owner ?? this.replicas.id) : await this.homes.of(server, principal);
    if (session && this.replicas.isGone(owner)) {
      await this.sessions.forget(session);
      throw sessionExpired(session.id);
    }
    const client = clientOf(principal, session?.id);
    if (owner === this.replicas.id) this.note(server, principal, session);
    return { client, owner };
  }

  /** The client session is over: its child goes too. */
  async end({ server, principal, id, owner = this.replicas.id }: ClientSession): Promise<void> {
    const client = clientOf(principal, id);
    if (owner === this.replicas.id) await this.endHere(server, client);
    else await this.shared.publish(CHANNEL, { owner, server, client });
  }

  /** The child is gone: so is the session whose state it held. Calls without one have a new child, which is to be ended too. */
  async lost(server: string, name: string): Promise<void> {
    const client = this.clients.get(keyOf(server, name));
    if (client?.session === undefined) return;
    this.clients.delete(keyOf(server, name));
    const session = await this.sessionHere(client);
    if (session) await this.sessions.forget(session);
  }

  private note(server: string, principal: string, session?: ClientSession): void {
    const key = keyOf(server, clientOf(principal, session?.id));
    const usedAt = Date.now();
    const known = this.clients.get(key);
    const lookAt = session?.expiresAt ?? known?.lookAt ?? usedAt + this.idleMs;
    if (known) Object.assign(known, { usedAt, lookAt });
    else this.clients.set(key, { server, principal, usedAt, lookAt, ...(session && { session: session.id }) });
  }

  private hear(message: Json): void {
    if (!isJsonObject(message)) return;
    const { owner, server, client } = message;
    if (owner !== this.replicas.id || typeof server !== 'string' || typeof client !== 'string') return;
    if (this.clients.has(keyOf(server, client))) void this.endHere(server, client);
  }

  private async endHere(server: string, client: string): Promise<void> {
    this.clients.delete(keyOf(server, client));
    await this.pool.end(server, client);
  }

  /** As the client sessions themselves: unused for too long, or simply too old. */
  private endForgotten(): void {
    const now = Date.now();
    for (const client of this.clients.values()) {
      if (client.lookAt > now) continue;
      client.lookAt = now + LOOK_AGAIN_MS;
      this.endUnused(client).catch((error: unknown) => this.logger.debug('A client could not be looked after', error));
    }
  }

  private async endUnused(client: Client): Promise<void> {
    const { server, principal, session } = client;
    const until = await this.usedUntil(client);
    if (until > Date.now()) {
      if (session === undefined) await this.homes.stay(server, principal);
      client.lookAt = until;
      return;
    }
    if (session === undefined) await this.homes.leave(server, principal);
    await this.endHere(server, clientOf(principal, session));
  }

  /** Other replicas may have had calls for it: its session tells, or the child itself. */
  private async usedUntil(client: Client): Promise<number> {
    const { server, principal, session, usedAt } = client;
    if (session !== undefined) return (await this.sessionHere(client))?.expiresAt ?? 0;
    const ranAt = Date.now() - (this.pool.idleMs(server, principal) ?? Number.POSITIVE_INFINITY);
    return Math.max(usedAt, ranAt) + this.idleMs;
  }

  /** Its session, unless that is over, or was opened anew with a child elsewhere. */
  private async sessionHere({ principal, session }: Client): Promise<ClientSession | undefined> {
    const open = session === undefined ? undefined : await this.sessions.findOpen(principal, session);
    return (open?.owner ?? this.replicas.id) === this.replicas.id ? open : undefined;
  }

  private get idleMs(): number {
    return this.config.idleSeconds * 1000;
  }
}

function clientOf(principal: string, session?: string): string {
  return session === undefined ? principal : `${principal}/${session}`;
}

function keyOf(server: string, client: string): string {
  return `${server}/${client}`;
}
