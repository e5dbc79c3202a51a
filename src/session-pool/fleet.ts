import type { ChildExit } from './child-exit.js';
import type { CrashRecord } from './crash-record.js';
import type { PoolGround } from './pool-ground.js';
import { bootSize, type Census, startsNow } from './pool-size.js';
import { type ChildSession, PooledSession } from './pooled-session.js';
import { StartFailure } from './start-failure.js';
import type { UpstreamConfig } from './upstream.config.js';

const PROVED_BY_AGE_MS = 60_000;

/** What the rest of an upstream's pool does when its children come and go. */
export interface FleetOwner {
  /** One child, handshaken and ready to be used. @throws StartFailure */
  launch(signal: AbortSignal): Promise<ChildSession>;
  joined(member: PooledSession): void;
  left(member: PooledSession, exit: ChildExit): void;
  /** The client's own child is gone, and nobody had ended its right to it. */
  clientGone(client: string): void;
  /** Roles are given; is there a reason not to start more beside the children that are up? */
  mayFollow(): boolean;
  /** Something that lending or counting looks at has moved. */
  changed(): void;
}

/**
 * Keeps as many children of one upstream as are wanted: those that serve, one for each client that has its own, and
 * spares. Every child begins as a spare, so what takes a role is always ready.
 */
export class Fleet {
  /** Plain sessions that should serve; moved by load. */
  wanted: number;
  starting = 0;
  readonly members = new Map<ChildSession, PooledSession>();
  /** Clients with a right to a child; undefined while it is not there yet. */
  readonly clients = new Map<string, PooledSession | undefined>();
  private readonly starts = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private retryArmed = false;

  constructor(
    private readonly config: UpstreamConfig,
    private readonly ground: PoolGround,
    private readonly crashes: CrashRecord,
    private readonly owner: FleetOwner,
  ) {
    this.wanted = this.isPerClient ? 0 : bootSize(config);
  }

  get isPerClient(): boolean {
    return this.config.isolation === 'per_client';
  }

  get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Gives roles, starts what is missing, tells the others. To be called after whatever may have moved the balance. */
  settle(): void {
    if (this.isClosed) {
      this.owner.changed();
      return;
    }
    this.giveRoles();
    this.fill();
    this.owner.changed();
  }

  /** @returns false when every child there may be belongs to somebody else */
  claim(client: string): boolean {
    if (this.clients.has(client)) return true;
    if (this.clients.size >= this.config.maxConnections) return false;
    this.clients.set(client, undefined);
    this.settle();
    return true;
  }

  /** The client's right ends, and its child with it. */
  async release(client: string): Promise<void> {
    const member = this.clients.get(client);
    this.clients.delete(client);
    const ended = member?.session.end();
    this.settle();
    await ended;
  }

  /** Puts a spare to work at once; another is started in its place. */
  enlistSpare(): PooledSession | undefined {
    const spare = this.spares()[0];
    if (spare) spare.role = { as: 'plain' };
    return spare;
  }

  /** To be called once per session, when it is gone. */
  lost(session: ChildSession, exit: ChildExit): void {
    const member = this.members.get(session);
    if (!member) return;
    this.members.delete(session);
    if (!exit.wanted && !member.proved) this.crashes.failed(exit.reason, exit.stderr);
    this.owner.left(member, exit);
    if (member.role.as === 'dedicated') this.orphan(member.role.client, member);
    this.settle();
  }

  /** A call was answered by it, or it has lived long enough. */
  prove(member: PooledSession): void {
    member.proved = true;
    if (this.crashes.inARow === 0) return;
    this.crashes.proved();
    this.settle();
  }

  /** Ends all children in parallel; resolves when all are gone, those included that were only starting. */
  async close(): Promise<void> {
    this.closing.abort('draining');
    await Promise.all([...this.starts, ...[...this.members.keys()].map((session) => session.end())]);
  }

  private orphan(client: string, member: PooledSession): void {
    if (this.clients.get(client) !== member) return;
    this.clients.delete(client);
    this.owner.clientGone(client);
  }

  private giveRoles(): void {
    for (const spare of this.spares()) {
      const awaited = [...this.clients].find(([, member]) => member === undefined);
      if (awaited) {
        const [client] = awaited;
        spare.role = { as: 'dedicated', client };
        this.clients.set(client, spare);
      } else if (this.count((member) => member.role.as === 'plain' && member.session.state === 'ready') < this.wanted) {
        spare.role = { as: 'plain' };
      }
    }
  }

  private fill(): void {
    const starts = startsNow(this.census());
    if (starts === 0 || this.hasDoubtfulEnding()) return;
    const waitMs = this.crashes.waitMs;
    if (waitMs > 0) {
      this.fillLater(waitMs);
      return;
    }
    for (let begun = 0; begun < starts; begun += 1) {
      const start = this.startOne();
      this.starts.add(start);
      void start.finally(() => this.starts.delete(start));
    }
  }

  /** Whether its end will count as a failure is known when it is gone; a start before that would slip past the back-off. */
  private hasDoubtfulEnding(): boolean {
    return this.count((member) => !member.isAlive && !member.proved) > 0;
  }

  private fillLater(waitMs: number): void {
    if (this.retryArmed) return;
    this.retryArmed = true;
    this.ground.clock.after(waitMs, () => {
      this.retryArmed = false;
      this.settle();
    });
  }

  private census(): Census {
    const { maxConnections: max, warmSpares } = this.config;
    return {
      wanted: this.wanted + this.clients.size,
      spares: Math.max(warmSpares, this.isPerClient && this.members.size === 0 ? 1 : 0), // somebody has to describe the server
      usable: this.count((member) => member.session.state === 'ready' || (member.isAlive && member.role.as === 'dedicated')),
      starting: this.starting,
      alive: this.count((member) => member.isAlive),
      max,
      mayFollow: this.owner.mayFollow(),
      failuresInARow: this.crashes.inARow,
    };
  }

  private async startOne(): Promise<void> {
    const { signal } = this.closing;
    this.starting += 1;
    try {
      const session = await this.ground.gate.enter(this.config.name, () => this.owner.launch(signal), signal);
      if (signal.aborted) {
        await session.end(); // ready too late for `close` to see it
        return;
      }
      this.join(session);
      this.ground.observer?.childStarted(this.config.name, 'ready');
    } catch (error) {
      if (!signal.aborted) this.startFailed(error);
    } finally {
      this.starting -= 1;
      this.settle();
    }
  }

  private join(session: ChildSession): void {
    if (session.state !== 'ready') throw new StartFailure('exit', 'The child ended as soon as it was ready');
    const member = new PooledSession(session, this.ground.clock);
    this.members.set(session, member);
    this.ground.clock.after(PROVED_BY_AGE_MS, () => {
      if (this.members.has(session)) this.prove(member);
    });
    this.owner.joined(member);
  }

  private startFailed(error: unknown): void {
    const { reason, message, stderr } = error instanceof StartFailure ? error : { reason: 'spawn', message: String(error), stderr: [] };
    this.crashes.failed(reason, stderr);
    this.ground.observer?.childStarted(this.config.name, reason);
    const { inARow, waitMs } = this.crashes;
    this.ground.log('warn', 'child did not start', {
      upstream: this.config.name,
      reason,
      error: message,
      failures: inARow,
      retry_in_ms: Math.round(waitMs),
      stderr,
    });
  }

  private spares(): PooledSession[] {
    return [...this.members.values()].filter((member) => member.role.as === 'spare' && member.takesCalls);
  }

  private count(which: (member: PooledSession) => boolean): number {
    let found = 0;
    for (const member of this.members.values()) if (which(member)) found += 1;
    return found;
  }
}
