import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { BridgeError } from '../call/bridge-error.js';
import type { JsonObject } from '../call/json.js';
import { QueueConfig } from '../queue/queue.config.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { Replicas } from '../shared-state/replicas.js';
import { invalidParams } from './call-body.js';
import { type InitializeParams, PROTOCOL_VERSIONS } from './call-params.dto.js';
import { type ClientSession, ClientSessions } from './client-sessions.js';
import { DedicatedClients } from './dedicated-clients.js';
import { Servers } from './servers.js';
import { WaitingLine } from './waiting-line.js';

/** `initialize` and its end: a client session, and its own child where the upstream keeps one per client. */
@Injectable()
export class SessionOpening {
  constructor(
    private readonly config: QueueConfig,
    private readonly servers: Servers,
    private readonly sessions: ClientSessions,
    private readonly clients: DedicatedClients,
    private readonly pool: SessionPool,
    private readonly line: WaitingLine,
    private readonly replicas: Replicas,
  ) {}

  /** @throws BridgeError `invalid_params`, `no_sessions`, `upstream_unavailable` */
  async open(
    caller: Caller,
    wanted: InitializeParams,
    id: string | number | null,
    timeoutMs?: number,
    named?: string,
  ): Promise<JsonObject> {
    const server = this.servers.allowed(caller, named);
    checkVersion(wanted.protocolVersion);
    try {
      return await this.opened(caller, wanted, server, id, AbortSignal.timeout(timeoutMs ?? this.config.timeoutSeconds * 1000));
    } catch (error) {
      throw await this.line.explain(error, server);
    }
  }

  /** @throws BridgeError `session_expired` */
  async end(caller: Caller, id: string | undefined): Promise<void> {
    if (id === undefined) throw invalidParams([{ field: 'X-Session-ID', message: 'X-Session-ID names the session to end' }]);
    await this.endChild(await this.sessions.end(caller.principal, id));
  }

  private async opened(
    { principal }: Caller,
    wanted: InitializeParams,
    server: string,
    id: string | number | null,
    signal: AbortSignal,
  ): Promise<JsonObject> {
    const wait = await this.line.ahead(server, signal);
    const { capabilities, serverInfo, instructions } = await this.pool.describe(server, signal);
    const isPerClient = this.servers.isPerClient(server);
    const { session, ended } = await this.sessions.open(principal, server, wanted.protocolVersion, wanted.session_id, (renewed) =>
      isPerClient ? this.clients.ownerOf(renewed) : undefined,
    );
    if (ended) await this.endChild(ended);
    if (isPerClient) await this.openChild(session, signal);
    return {
      jsonrpc: '2.0',
      id,
      result: {
        protocolVersion: wanted.protocolVersion,
        capabilities,
        serverInfo,
        ...(instructions !== undefined && { instructions }),
        session_id: session.id,
        expires_at: new Date(session.expiresAt).toISOString(),
      },
      bridge_info: wait,
    };
  }

  private async openChild(session: ClientSession, signal: AbortSignal): Promise<void> {
    const { server, principal } = session;
    try {
      const { client, owner } = await this.clients.use(server, principal, session);
      if (owner === this.replicas.id) await this.pool.open(server, client, signal);
    } catch (error) {
      await this.sessions.forget(session);
      throw error;
    }
  }

  private async endChild(session: ClientSession): Promise<void> {
    if (this.servers.isPerClient(session.server)) await this.clients.end(session);
  }
}

function checkVersion(version: string): void {
  if ((PROTOCOL_VERSIONS as readonly string[]).includes(version)) return;
  throw new BridgeError('invalid_params', 'Invalid protocol version', { supported_versions: PROTOCOL_VERSIONS });
}
