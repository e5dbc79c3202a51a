import { Logger } from '@nestjs/common';
import { type Clock, systemClock } from '../call/clock.js';
import type { Json } from '../call/json.js';
import { ExpiringMap } from './expiring-map.js';
import { MemoryRosters } from './memory-rosters.js';
import { SharedState, type TokenGrant, type TokenRate } from './shared-state.js';

/** Shared among the parts of one process; values and messages are kept as text, so nobody shares an object. */
export class MemorySharedState extends SharedState {
  private readonly values: ExpiringMap<string>;
  private readonly buckets: ExpiringMap<Bucket>;
  private readonly rosters: MemoryRosters;
  private readonly channels = new Map<string, Set<Subscriber>>();
  private readonly logger = new Logger('SharedState');

  constructor(private readonly clock: Clock = systemClock) {
    super();
    this.values = new ExpiringMap(clock);
    this.buckets = new ExpiringMap(clock);
    this.rosters = new MemoryRosters(clock);
  }

  override get(key: string): Promise<Json | undefined> {
    const text = this.values.get(key);
    return Promise.resolve(text === undefined ? undefined : (JSON.parse(text) as Json));
  }

  override put(key: string, value: Json, ttlMs: number): Promise<void> {
    this.values.set(key, JSON.stringify(value), ttlMs);
    return Promise.resolve();
  }

  override putIfAbsent(key: string, value: Json, ttlMs: number): Promise<boolean> {
    const isAbsent = this.values.get(key) === undefined;
    if (isAbsent) this.values.set(key, JSON.stringify(value), ttlMs);
    return Promise.resolve(isAbsent);
  }

  override putIfUnchanged(key: string, known: Json, value: Json, ttlMs: number): Promise<boolean> {
    const isUnchanged = this.values.get(key) === JSON.stringify(known);
    if (isUnchanged) this.values.set(key, JSON.stringify(value), ttlMs);
    return Promise.resolve(isUnchanged);
  }

  override delete(key: string): Promise<boolean> {
    return Promise.resolve(this.values.delete(key));
  }

  override deleteIfUnchanged(key: string, known: Json): Promise<boolean> {
    return Promise.resolve(this.values.get(key) === JSON.stringify(known) && this.values.delete(key));
  }

  override join(roster: string, member: string, ttlMs: number, capacity: number): Promise<boolean> {
    return Promise.resolve(this.rosters.join(roster, member, ttlMs, capacity));
  }

  override leave(roster: string, member: string): Promise<void> {
    this.rosters.leave(roster, member);
    return Promise.resolve();
  }

  override members(roster: string): Promise<readonly string[]> {
    return Promise.resolve(this.rosters.members(roster));
  }

  override takeToken(name: string, rate: TokenRate): Promise<TokenGrant> {
    const { capacity, refillPerSecond } = rate;
    const tokens = this.refilled(name, rate);
    const taken = tokens >= 1;
    const left = taken ? tokens - 1 : tokens;
    const fullInMs = ((capacity - left) / refillPerSecond) * 1_000;
    this.buckets.set(name, { tokens: left, at: this.clock.now() }, fullInMs);
    return Promise.resolve({
      taken,
      remaining: Math.floor(left),
      retryAfterMs: left >= 1 ? 0 : Math.ceil(((1 - left) / refillPerSecond) * 1_000),
    });
  }

  override publish(channel: string, message: Json): Promise<boolean> {
    const text = JSON.stringify(message);
    for (const subscriber of this.channels.get(channel) ?? []) queueMicrotask(() => this.deliver(channel, subscriber, text));
    return Promise.resolve(true);
  }

  /** Nothing is ever missed inside one process, so `onGap` is never called. */
  override subscribe(channel: string, onMessage: (message: Json) => void): () => void {
    const subscriber: Subscriber = { onMessage };
    const subscribers = this.channels.get(channel) ?? new Set();
    this.channels.set(channel, subscribers.add(subscriber));
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.channels.get(channel) === subscribers) this.channels.delete(channel);
    };
  }

  override caughtUp(): Promise<void> | undefined {
    return undefined;
  }

  override ready(): { readonly ok: true } {
    return { ok: true };
  }

  override close(): Promise<void> {
    this.channels.clear();
    this.values.clear();
    this.buckets.clear();
    this.rosters.clear();
    return Promise.resolve();
  }

  /** A bucket that nobody touched for long enough has been forgotten, and is full. */
  private refilled(name: string, { capacity, refillPerSecond }: TokenRate): number {
    const bucket = this.buckets.get(name);
    if (!bucket) return capacity;
    return Math.min(capacity, bucket.tokens + ((this.clock.now() - bucket.at) / 1_000) * refillPerSecond);
  }

  private deliver(channel: string, subscriber: Subscriber, text: string): void {
    if (!this.channels.get(channel)?.has(subscriber)) return;
    try {
      subscriber.onMessage(JSON.parse(text) as Json);
    } catch (error) {
      this.logger.error(`A subscriber of ${channel} threw`, error instanceof Error ? error.stack : String(error));
    }
  }
}

interface Bucket {
  readonly tokens: number;
  /** When `tokens` was true. */
  readonly at: number;
}

interface Subscriber {
  readonly onMessage: (message: Json) => void;
}
