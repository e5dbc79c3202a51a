import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { isJsonObject, type JsonObject } from '../call/json.js';
import { Config } from '../config/config.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { Replicas } from '../shared-state/replicas.js';
import { parseWorkerPart, type WorkerPart } from './worker-part.js';

const PART = 'port';
/** Of the upstream's own word: what the health page shows. */
const SHOWN = ['status', 'response_time_ms', 'last_success', 'error'];

/**
 * The children of an upstream on every worker of our port, by worker, our own first: whoever asks the port meets any of
 * them, and means all. Other replicas have a port and a health page of their own.
 */
@Injectable()
export class PortStatus {
  /** All workers have one parent. */
  private readonly port = `${hostname()}:${process.ppid}`;

  constructor(
    private readonly config: Config,
    private readonly pool: SessionPool,
    private readonly replicas: Replicas,
  ) {
    if (config.bridge.workers > 1) replicas.contribute(PART, () => ({ port: this.port, servers: this.ownParts() }));
  }

  of(server: string): readonly WorkerPart[] {
    return [this.ownPart(server), ...this.neighbours().map((servers) => parseWorkerPart(servers[server]))].filter(
      (part) => part !== undefined,
    );
  }

  private neighbours(): readonly JsonObject[] {
    const told = [...this.replicas.live()].map(([id, summary]) => (id === this.replicas.id ? undefined : summary[PART]));
    return told.flatMap((part) => (isJsonObject(part) && part.port === this.port && isJsonObject(part.servers) ? [part.servers] : []));
  }

  private ownParts(): JsonObject {
    return Object.fromEntries(this.config.upstreams.map(({ name }) => [name, { ...this.ownPart(name) }]));
  }

  private ownPart(server: string): WorkerPart {
    const { ready, total, canStart, failure, health } = this.pool.status(server);
    return { ready, total, canStart, hasFailed: failure !== undefined, ...(health && { health: shown(health) }) };
  }
}

function shown(health: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(health).filter(([word]) => SHOWN.includes(word)));
}
