import { BridgeError } from '../call/bridge-error.js';
import type { Json } from '../call/json.js';
import type { Redis } from '../redis/redis.js';
import { deleteIfUnchanged, putIfUnchanged } from './redis-comparison.js';
import { joinRoster, membersOf } from './redis-roster.js';
import { takeToken } from './redis-token-bucket.js';
import { SharedState, type TokenGrant, type TokenRate } from './shared-state.js';
import type { StoreObserver, StoreOperation } from './store-observer.js';

/**
 * Shared among all replicas of one prefix. A verb fails at once while Redis is known to be away, as soon as the
 * connection breaks under it, and else by the time limit of the command; it may have happened all the same.
 */
export class RedisSharedState extends SharedState {
  private readonly waiting = new Set<(error: Error) => void>();
  private readonly subscriptions = new Set<() => void>();

  constructor(
    private readonly redis: Redis,
    private readonly observer?: StoreObserver,
  ) {
    super();
    redis.command.on('close', this.broken);
  }

  override get(key: string): Promise<Json | undefined> {
    return this.ask('get', async () => {
      const text = await this.redis.command.get(this.keyOf(key));
      return text === null ? undefined : (JSON.parse(text) as Json);
    });
  }

  override put(key: string, value: Json, ttlMs: number): Promise<void> {
    return this.ask('put', async () => {
      await this.redis.command.set(this.keyOf(key), JSON.stringify(value), 'PX', wholeMs(ttlMs));
    });
  }

  override putIfAbsent(key: string, value: Json, ttlMs: number): Promise<boolean> {
    return this.ask('put_if_absent', async () => {
      const answer = await this.redis.command.set(this.keyOf(key), JSON.stringify(value), 'PX', wholeMs(ttlMs), 'NX');
      return answer !== null;
    });
  }

  override putIfUnchanged(key: string, known: Json, value: Json, ttlMs: number): Promise<boolean> {
    const texts = [JSON.stringify(known), JSON.stringify(value)] as const;
    return this.ask('put_if_unchanged', () => putIfUnchanged(this.redis.command, this.keyOf(key), ...texts, wholeMs(ttlMs)));
  }

  override delete(key: string): Promise<boolean> {
    return this.ask('delete', async () => (await this.redis.command.del(this.keyOf(key))) === 1);
  }

  override deleteIfUnchanged(key: string, known: Json): Promise<boolean> {
    return this.ask('delete_if_unchanged', () => deleteIfUnchanged(this.redis.command, this.keyOf(key), JSON.stringify(known)));
  }

  override join(roster: string, member: string, ttlMs: number, capacity: number): Promise<boolean> {
    return this.ask('join', () => joinRoster(this.redis.command, this.rosterOf(roster), member, wholeMs(ttlMs), capacity));
  }

  override leave(roster: string, member: string): Promise<void> {
    return this.ask('leave', async () => {
      await this.redis.command.zrem(this.rosterOf(roster), member);
    });
  }

  override members(roster: string): Promise<readonly string[]> {
    return this.ask('members', () => membersOf(this.redis.command, this.rosterOf(roster)));
  }

  override takeToken(bucket: string, rate: TokenRate): Promise<TokenGrant> {
    return this.ask('take_token', () => takeToken(this.redis.command, `${this.redis.tag}:b:${bucket}`, rate));
  }

  override async publish(channel: string, message: Json): Promise<boolean> {
    try {
      await this.ask('publish', () => this.redis.channels.publish(this.channelOf(channel), JSON.stringify(message)));
      return true;
    } catch {
      return false;
    }
  }

  override subscribe(channel: string, onMessage: (message: Json) => void, onGap: () => void): () => void {
    const parsed = (message: Buffer) => onMessage(JSON.parse(message.toString()) as Json);
    const end = this.redis.channels.subscribe(this.channelOf(channel), parsed, onGap);
    this.subscriptions.add(end);
    return () => {
      this.subscriptions.delete(end);
      end();
    };
  }

  /** All sockets that had something to read are read in one turn of the loop. */
  override caughtUp(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  override ready() {
    return this.redis.ready();
  }

  /** Redis itself is not ours to close. */
  override close(): Promise<void> {
    this.redis.command.off('close', this.broken);
    for (const end of this.subscriptions) end();
    this.subscriptions.clear();
    return Promise.resolve();
  }

  private async ask<T>(operation: StoreOperation, command: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const interruption = this.redis.interruption();
    if (interruption) await interruption;
    const away = this.redis.away();
    if (away !== undefined) throw storeAway(new Error(away));
    let giveUp: (error: Error) => void = () => undefined;
    const brokenOff = new Promise<never>((_resolve, reject) => {
      giveUp = reject;
    });
    this.waiting.add(giveUp);
    try {
      return await Promise.race([command(), brokenOff]);
    } catch (cause) {
      throw storeAway(cause);
    } finally {
      this.waiting.delete(giveUp);
      this.observer?.took(operation, (performance.now() - startedAt) / 1000);
    }
  }

  /** The driver itself tells the callers of a broken connection nothing before their time limit. */
  private readonly broken = (): void => {
    for (const giveUp of this.waiting) giveUp(new Error('The connection broke'));
  };

  private keyOf(key: string): string {
    return `${this.redis.tag}:s:${key}`;
  }

  private rosterOf(roster: string): string {
    return `${this.redis.tag}:m:${roster}`;
  }

  private channelOf(channel: string): string {
    return `${this.redis.tag}:c:${channel}`;
  }
}

/** Redis takes whole milliseconds, and no zero. */
function wholeMs(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs));
}

function storeAway(cause: unknown): BridgeError {
  return new BridgeError('store_away', 'The shared store cannot be reached', {}, { cause });
}
