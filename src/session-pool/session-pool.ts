import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { BridgeError } from '../call/bridge-error.js';
import type { CallSignal } from '../call/call-signal.js';
import { Config } from '../config/config.js';
import type { LentSession } from './lent-session.js';
import { POOL_GROUND, type PoolGround } from './pool-ground.js';
import type { NotLent } from './reply.js';
import type { WatchedResources } from './resource-watch.js';
import type { SessionDescription } from './session-description.js';
import type { SessionNeed } from './session-need.js';
import type { ToolCatalog } from './tool-catalog.js';
import type { UpstreamChange } from './upstream-change.js';
import { UpstreamPool } from './upstream-pool.js';
import type { UpstreamStatus } from './upstream-status.js';
import { UpstreamConfig } from './upstream.config.js';

export type { LentSession, NotLent, SessionDescription, SessionNeed, ToolCatalog, UpstreamChange, UpstreamStatus, WatchedResources };

/** The children of all upstreams. Sessions are lent, never handed out: nobody can forget to give one back. */
@Injectable()
export class SessionPool implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly pools: ReadonlyMap<string, UpstreamPool>;
  private readonly listeners: ((change: UpstreamChange) => void)[] = [];

  constructor(
    config: Config,
    @Inject(POOL_GROUND) private readonly ground: PoolGround,
  ) {
    const tell = (change: UpstreamChange) => {
      for (const listener of this.listeners) listener(change);
    };
    this.pools = new Map(
      config.upstreams.map((upstream) => {
        const own = config.bridge.role === 'front' ? asWitness(upstream) : upstream;
        return [upstream.name, new UpstreamPool(own, ground, tell)];
      }),
    );
  }

  /** Begins to start children and waits for none of them. */
  onApplicationBootstrap(): void {
    for (const pool of this.pools.values()) pool.start();
  }

  /**
   * Lends a session for one call: `fn` runs with it, and it is given back when what `fn` returned has settled.
   * @returns a NotLent when none could take the call within 50 ms, or when waiting is pointless; a client whose own child
   * is only starting waits for it until `signal` aborts
   */
  use<T>(server: string, need: SessionNeed, signal: CallSignal, fn: (session: LentSession) => Promise<T>): Promise<T | NotLent> {
    return this.of(server).use(need, signal, fn);
  }

  /**
   * The upstream's own words about itself; waits for its first ready session.
   * @throws BridgeError `no_sessions`, `upstream_unavailable`
   */
  describe(server: string, signal: AbortSignal): Promise<SessionDescription> {
    return this.of(server).descriptions.describe(signal);
  }

  /** The tools that are known already; the same object for ever, always up to date. */
  catalog(server: string): ToolCatalog {
    return this.of(server).catalogs.catalog;
  }

  /** Told at once, at every change, and when an upstream turns out not to start. */
  onSlots(listener: (server: string, slots: number) => void): void {
    for (const [server, pool] of this.pools) pool.slots.listen((slots) => listener(server, slots));
  }

  onChange(listener: (change: UpstreamChange) => void): void {
    this.listeners.push(listener);
  }

  /** A call found no room: one more session, up to `target_connections`. */
  grow(server: string): void {
    this.of(server).sizes.grow();
  }

  /** What the scaling rule looks at each second: calls of the server that wait, and waiting and running of the last 30 s. */
  observeLoad(probe: (server: string) => { readonly waiting: number; readonly avgResponseMs: number }): void {
    for (const [server, pool] of this.pools) pool.sizes.probe = () => probe(server);
  }

  /** To be called before the first child is ready: what the upstream tells on these resources is listened to from then on. */
  watch(server: string, resources: WatchedResources): void {
    this.of(server).resources.watch(resources);
  }

  /**
   * Gives a client its own child, where the upstream keeps one per client: it lives until `end` or its own death, and
   * `client_gone` tells of the latter.
   * @throws BridgeError `no_sessions`, `upstream_unavailable`
   */
  open(server: string, client: string, signal: AbortSignal): Promise<SessionDescription> {
    return this.of(server).open(client, signal);
  }

  /** Ends a client's own child; resolves when it is gone, at once when there is none. */
  end(server: string, client: string): Promise<void> {
    return this.of(server).fleet.release(client);
  }

  /** How long a client's own child has had no call: 0 while it starts for one; undefined when there is no such child. */
  idleMs(server: string, client: string): number | undefined {
    const { clients } = this.of(server).fleet;
    const member = clients.get(client);
    if (!member) return clients.has(client) ? 0 : undefined;
    return member.calls > 0 ? 0 : this.ground.clock.now() - member.usedAt;
  }

  status(server: string): UpstreamStatus {
    return this.of(server).status();
  }

  /** Ends all children in parallel; resolves when all are gone. */
  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
    this.ground.close();
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private of(server: string): UpstreamPool {
    const pool = this.pools.get(server);
    if (!pool) throw new BridgeError('method_not_found', `Unknown server: ${server}`, { server });
    return pool;
  }
}

/** The front half runs no calls, but one child tells it what tools there are, what changes, and what belongs together. */
function asWitness(upstream: UpstreamConfig): UpstreamConfig {
  const size = { minConnections: 1, targetConnections: 1, maxConnections: 1, warmSpares: 0 };
  return Object.assign(new UpstreamConfig(), upstream, size);
}
