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
  readonly openedAt: number;
  usedAt: number;
}

const CHANNEL = 'clients';
const SWEEP_MS = 1000;

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
    // an ending that is missed is found when the child has been idle for long enough
    this.unsubscribe = this.shared.subscribe(
      CHANNEL,
      (message) => this.hear(message),
      () => undefined,
    );
  }

  onModuleDestroy(): void {
    clearInterval(this.sweeping);
    this.unsubscribe?.();
  }

  /** Where the child of a new session is to live: where it lives already, when this is an old one anew, else here. */
  ownerOf(server: string, replaced?: ClientSession): string {
    const owner = replaced?.server === server ? replaced.owner : undefined;
    return owner !== undefined && !this.replicas.isGone(owner) ? owner : this.replicas.id;
  }

  /**
   * Notes a use, and tells where the child is.
   * @throws BridgeError `session_expired` when the replica that held the child of this session is gone
   */
  async use(server: string, principal: string, session?: ClientSession): Promise<ClientPlace> {
    const owner = session ? (session.owner ?? this.replicas.id) : await this.homes.of(server, principal);
    if (session && this.replicas.isGone(owner)) {
      await this.sessions.forget(principal, session.id);
      throw sessionExpired(session.id);
    }
    const client = clientOf(principal, session?.id);
    if (owner === this.replicas.id) this.note(server, principal, session?.id);
    return { client, owner };
  }

  /** The client session is over: its child goes too. */
  async end({ server, principal, id, owner = this.replicas.id }: ClientSession): Promise<void> {
    const client = clientOf(principal, id);
    if (owner === this.replicas.id) await this.endHere(server, client);
    else await this.shared.publish(CHANNEL, { owner, server, client });
  }

  /** The child is gone: so is the session whose state it held. */
  async lost(server: string, name: string): Promise<void> {
    const client = this.clients.get(keyOf(server, name));
    this.clients.delete(keyOf(server, name));
    if (client?.session !== undefined) await this.sessions.forget(client.principal, client.session);
  }

  private note(server: string, principal: string, session?: string): void {
    const key = keyOf(server, clientOf(principal, session));
    const now = Date.now();
    const known = this.clients.get(key);
    if (known) known.usedAt = now;
    else this.clients.set(key, { server, principal, openedAt: now, usedAt: now, ...(session !== undefined && { session }) });
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
      const isOld = client.session !== undefined && now - client.openedAt > this.config.maxAgeSeconds * 1000;
      const isIdle = now - client.usedAt > this.config.idleSeconds * 1000;
      if (!isOld && !isIdle) continue;
      client.usedAt = now; // asked once, not again each second until the store has answered
      this.endUnused(client, isOld).catch((error: unknown) => this.logger.debug('A client could not be looked after', error));
    }
  }

  /** Other replicas may have had calls for it: its session tells, or the child itself. */
  private async endUnused({ server, principal, session }: Client, isOld: boolean): Promise<void> {
    const client = clientOf(principal, session);
    if (!isOld && (await this.isUsed(server, principal, session))) return;
    if (session === undefined) await this.homes.leave(server, principal);
    await this.endHere(server, client);
  }

  private async isUsed(server: string, principal: string, session?: string): Promise<boolean> {
    if (session !== undefined) return this.sessions.isOpen(principal, session);
    return (this.pool.idleMs(server, clientOf(principal)) ?? Number.POSITIVE_INFINITY) <= this.config.idleSeconds * 1000;
  }
}

function clientOf(principal: string, session?: string): string {
  return session === undefined ? principal : `${principal}/${session}`;
}

function keyOf(server: string, client: string): string {
  return `${server}/${client}`;
}
