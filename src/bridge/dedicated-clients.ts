import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SessionPool } from '../session-pool/session-pool.js';
import { ClientSessionsConfig } from './client-sessions.config.js';
import { ClientSessions } from './client-sessions.js';

interface Client {
  readonly server: string;
  readonly principal: string;
  /** Absent: the principal's own child, for his one-shot calls. */
  readonly session?: string;
  readonly openedAt: number;
  usedAt: number;
}

const SWEEP_MS = 1000;

/**
 * Who owns a child of an upstream with one child per client, so that child and client session end together: state is
 * never lost silently, and nobody's child stays for ever.
 */
@Injectable()
export class DedicatedClients implements OnModuleInit, OnModuleDestroy {
  private readonly clients = new Map<string, Client>();
  private sweeping?: NodeJS.Timeout;

  constructor(
    private readonly config: ClientSessionsConfig,
    private readonly sessions: ClientSessions,
    private readonly pool: SessionPool,
  ) {}

  onModuleInit(): void {
    this.sweeping = setInterval(() => this.endForgotten(), SWEEP_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.sweeping);
  }

  /** Notes a use, and names the client to the pool. */
  use(server: string, principal: string, session: string | undefined): string {
    const name = clientOf(principal, session);
    const now = Date.now();
    const known = this.clients.get(keyOf(server, name));
    if (known) known.usedAt = now;
    else
      this.clients.set(keyOf(server, name), { server, principal, openedAt: now, usedAt: now, ...(session !== undefined && { session }) });
    return name;
  }

  /** The client session is over: its child goes too. */
  async end(server: string, principal: string, session: string): Promise<void> {
    const name = clientOf(principal, session);
    this.clients.delete(keyOf(server, name));
    await this.pool.end(server, name);
  }

  /** The child is gone: so is the session whose state it held. */
  async lost(server: string, name: string): Promise<void> {
    const client = this.clients.get(keyOf(server, name));
    this.clients.delete(keyOf(server, name));
    if (client?.session !== undefined) await this.sessions.forget(client.principal, client.session);
  }

  /** As the client sessions themselves: unused for too long, or simply too old. */
  private endForgotten(): void {
    const now = Date.now();
    for (const [key, { server, principal, session, openedAt, usedAt }] of this.clients) {
      const isIdle = now - usedAt > this.config.idleSeconds * 1000;
      const isOld = session !== undefined && now - openedAt > this.config.maxAgeSeconds * 1000;
      if (!isIdle && !isOld) continue;
      this.clients.delete(key);
      void this.pool.end(server, clientOf(principal, session));
    }
  }
}

function clientOf(principal: string, session: string | undefined): string {
  return session === undefined ? principal : `${principal}/${session}`;
}

function keyOf(server: string, client: string): string {
  return `${server}/${client}`;
}
