import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Redis as Connection } from 'ioredis';
import { Channels } from './channels.js';
import { type ConnectionUse, connectionOptions } from './connection-options.js';
import { Readiness, type RedisReadiness } from './readiness.js';
import { checkServer } from './server-check.js';
import { ServerClock } from './server-clock.js';

const FIRST_WORD_MS = 2000;
const FAREWELL_MS = 500;

/**
 * The way to Redis, one for the whole process and only where the configuration names one. It outlives every outage.
 *
 * - Keys begin with `tag`. Commands go over `command` or `work`, by how long they may take: `connection-options.ts`.
 * - `away()` tells before asking when there is no use in it; `ready()` is for who decides whether to send calls here.
 * - A `Script` runs over either of them.
 */
export class Redis implements OnApplicationShutdown {
  /** Names this process to the others; a new one after each start, so that none is taken for its predecessor. */
  readonly replica: string;
  /** `{<prefix>}`: what stands between braces decides the slot, so that all keys share one. */
  readonly tag: string;
  readonly command: Connection;
  readonly work: Connection;
  readonly channels: Channels;
  private readonly sub: Connection;
  private blocking?: Connection;
  private readonly clock: ServerClock;
  private readonly readiness: Readiness;
  private reading?: Promise<void>;
  private closing?: Promise<void>;

  /** Loads the driver, and waits a moment for the first word of Redis; without one it goes on trying. */
  static async open(url: string, prefix: string): Promise<Redis> {
    const { Redis: Driver } = await import('ioredis');
    const replica = randomBytes(6).toString('hex');
    const redis = new Redis(replica, prefix, addressOf(url), (use) => new Driver(url, connectionOptions(use, replica)));
    await Promise.race([redis.readiness.first, pause(FIRST_WORD_MS, undefined, { ref: false })]);
    return redis;
  }

  private constructor(
    replica: string,
    prefix: string,
    address: string,
    private readonly connect: (use: ConnectionUse) => Connection,
  ) {
    this.replica = replica;
    this.tag = `{${prefix}}`;
    this.command = this.connection('command');
    this.work = this.connection('work');
    this.sub = this.connection('sub');
    this.channels = new Channels(this.sub, this.command, this.tag);
    this.clock = new ServerClock(() => this.command.time());
    this.readiness = new Readiness(
      {
        isConnected: () => this.command.status === 'ready' && this.sub.status === 'ready',
        check: async () => checkServer(await this.command.info()),
        setClock: (isNewServer) => this.clock.set(isNewServer),
        resume: () => this.channels.restore().then(() => this.channels.echo()),
        resumed: () => this.channels.tellGaps(),
      },
      address,
    );
    for (const connection of [this.command, this.sub]) {
      connection.on('ready', () => this.readiness.connected());
      connection.on('close', () => this.readiness.disconnected());
    }
    this.command.on('error', (error: Error) => this.readiness.failed(error));
  }

  ready(): RedisReadiness {
    return this.readiness.get();
  }

  /** Why there is no use in asking now; undefined also in the first moments of an interruption. */
  away(): string | undefined {
    return this.readiness.away();
  }

  /**
   * In the first moments of an interruption: resolves when it is over, or lasts. Whoever waits for it and asks `away`
   * before he sends anything knows that what failed was never sent; what is sent meanwhile goes out when Redis is back.
   */
  interruption(): Promise<void> | undefined {
    return this.readiness.interruption();
  }

  /** Calls back after each connection that passed all checks, and soon when one has by now. @returns ends the listening */
  onReady(listener: () => void): () => void {
    return this.readiness.onReady(listener);
  }

  /** Wall clock of Redis in ms; undefined while it could not be measured. */
  serverNow(): number | undefined {
    return this.clock.now();
  }

  /** Reads the clock of Redis anew: somebody may have set it. One at a time; never rejects. */
  readClock(): Promise<void> {
    this.reading ??= this.clock
      .set(false)
      .then(noop, noop)
      .finally(() => (this.reading = undefined));
    return this.reading;
  }

  /** Another one after each start of Redis; undefined before the first meeting. */
  get runId(): string | undefined {
    return this.readiness.runId;
  }

  /** Whether Redis may evict or forget what it has accepted. */
  isVolatile(): boolean {
    return this.readiness.isVolatile;
  }

  /** The connection that BullMQ duplicates and shares; made when first asked for. */
  bull(): Connection {
    this.blocking ??= this.connection('bull');
    return this.blocking;
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  /** Gives what is under way a moment to arrive, then ends all connections. */
  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  /** An `error` without a listener would end the process; what it means shows in the state of the connection. */
  private connection(use: ConnectionUse): Connection {
    return this.connect(use).on('error', () => undefined);
  }

  private async leave(): Promise<void> {
    this.readiness.close();
    this.channels.close();
    const farewells = [this.command, this.work].filter(({ status }) => status === 'ready').map((connection) => connection.ping());
    await Promise.race([Promise.allSettled(farewells), pause(FAREWELL_MS, undefined, { ref: false })]);
    for (const connection of [this.blocking, this.sub, this.work, this.command]) connection?.disconnect();
  }
}

/** What breaks the reading breaks the connection, which has events of its own. */
function noop(): void {
  return undefined;
}

/** For the log: no user, no password. */
function addressOf(url: string): string {
  if (url.startsWith('/') || url.startsWith('unix:')) return url.replace(/[?].*$/, '');
  return URL.canParse(url) ? new URL(url).host : 'redis.url';
}
