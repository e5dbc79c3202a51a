import { randomUUID } from 'node:crypto';
import type { CachePlan, CallResult } from '../call/call-plan.js';
import type { Clock } from '../call/clock.js';
import type { SharedState } from '../shared-state/shared-state.js';
import type { CacheConfig } from './cache.config.js';
import { CacheFigures } from './cache-figures.js';
import type { CacheObserver } from './cache-observer.js';
import { type AnswerOrigin, Generations } from './generations.js';
import { type Invalidation, invalidationOf } from './invalidations.js';
import { MemoryLevel } from './memory-level.js';
import { SharedLevel } from './shared-level.js';
import { isStorable, lifeOf, type StoredAnswer } from './stored-answer.js';
import { Untold } from './untold.js';

const CHANNEL = 'cache';
const MIB = 1_048_576;

/** A read that begins now. */
export interface Beginning {
  readonly since: number;
  /** To be awaited before anything is sent, else a write in between would go unnoticed. */
  readonly ready: Promise<unknown> | undefined;
  /** Stores the answer, unless something it depends on has changed since. @returns until when it is fresh */
  keep(result: CallResult): Promise<number | undefined>;
}

/** The two levels, and the invalidations that hold for both. */
export class AnswerStore {
  private readonly generations = new Generations();
  private readonly figures = new CacheFigures();
  private readonly replica = randomUUID();
  private readonly untold: Untold;
  /** Since when changes are told, by upstream; by the monotonic clock. */
  private readonly liveAt = new Map<string, number>();
  private readonly l1: MemoryLevel;
  private readonly l2?: SharedLevel;
  private unsubscribe?: () => void;

  constructor(
    private readonly config: CacheConfig,
    private readonly shared: SharedState,
    private readonly observer: CacheObserver,
    private readonly clock: Clock,
  ) {
    this.untold = new Untold((invalidation) => this.tell(invalidation), clock);
    const { l1, l2 } = config.levels;
    this.l1 = new MemoryLevel(l1.maxSize ?? config.maxSize, l1.maxMb * MIB, clock, () => this.evicted('space'));
    if (l2.enabled) this.l2 = new SharedLevel(shared, clock);
  }

  listen(): void {
    this.unsubscribe = this.shared.subscribe(
      CHANNEL,
      (message) => {
        const invalidation = invalidationOf(message, this.replica);
        if (invalidation) this.apply(invalidation);
      },
      () => {
        this.generations.bumpAll();
        this.l1.clear();
        this.observer.invalidated('gap');
        void this.untold.tellAgain();
      },
    );
  }

  close(): void {
    this.unsubscribe?.();
    this.untold.close();
  }

  /** Resolves when what others told by now has been heard; undefined where there are no others. */
  caughtUp(): Promise<void> | undefined {
    return this.shared.caughtUp();
  }

  /** What this process keeps, possibly past its time. */
  near(key: string): StoredAnswer | undefined {
    const answer = this.l1.get(key);
    if (answer && this.isUsable(answer)) {
      this.count(answer, 'l1');
      return answer;
    }
    if (answer) {
      this.l1.delete(key);
      this.evicted('stale');
    }
    this.count(undefined, 'l1');
    return undefined;
  }

  /** What the replicas keep, else `near`; asked when this process has nothing fresh. */
  far(server: string, { key }: CachePlan, near?: StoredAnswer): StoredAnswer | undefined | Promise<StoredAnswer | undefined> {
    // what the others keep was stored before our feed broke off, too
    const mayAsk = !near || this.isValid(near);
    return this.l2 && mayAsk ? this.fetch(this.l2, server, key, near) : near;
  }

  private async fetch(l2: SharedLevel, server: string, key: string, near?: StoredAnswer): Promise<StoredAnswer | undefined> {
    const stored = await l2.get(key, server, this.generations.now());
    const answer = stored && this.heardSince(stored);
    this.count(answer, 'l2');
    if (!answer || !this.isUsable(answer)) return near;
    this.l1.put(key, answer);
    return answer;
  }

  /** What changed before our feed began, perhaps nobody was there to hear: what is older may only stand in. */
  private heardSince(answer: StoredAnswer): StoredAnswer {
    const liveAt = this.liveAt.get(answer.server) ?? 0;
    return answer.storedAt < liveAt ? { ...answer, freshUntil: answer.storedAt } : answer;
  }

  /** Whether it may be given at all, be it past its time. */
  isUsable(origin: AnswerOrigin): boolean {
    return this.generations.validity(origin) !== 'void';
  }

  isValid(origin: AnswerOrigin): boolean {
    return this.generations.validity(origin) === 'valid';
  }

  begin(server: string, plan: CachePlan): Beginning {
    const since = this.generations.now();
    const marks = this.l2?.marks(server, plan.tags);
    return {
      since,
      ready: marks,
      keep: async (result) => {
        if (!isStorable(result)) return undefined;
        const bytes = Buffer.byteLength(JSON.stringify(result));
        if (bytes > this.config.maxValueBytes) return undefined;
        const answer = { result, bytes, server, tags: plan.tags, since, ...lifeOf(plan, this.clock.now()) };
        if (!this.isUsable(answer)) return undefined;
        this.l1.put(plan.key, answer);
        const begun = await marks;
        if (begun) await this.l2?.put(plan.key, answer, begun);
        return this.isValid(answer) ? answer.freshUntil : undefined;
      },
    };
  }

  async invalidate(server: string, tags: readonly string[], cause: string): Promise<void> {
    if (tags.length === 0) return;
    this.observer.invalidated(cause);
    await this.spread({ as: 'tags', server, tags });
  }

  async invalidateAll(server: string, cause: 'restart' | 'changed_all'): Promise<void> {
    this.observer.invalidated(cause);
    await this.spread({ as: 'server', server });
  }

  /** As `invalidate`, of what has been counted before; resolves when the others are about to hear it, and not before. */
  async announce(server: string, tags: readonly string[]): Promise<void> {
    const { told } = await this.spread({ as: 'tags', server, tags });
    await told;
  }

  /** Each replica has a feed of its own, and what becomes of one says nothing of the others. */
  feedIs(server: string, live: boolean): void {
    if (live) this.liveAt.set(server, this.clock.now());
    else this.observer.invalidated('feed_lost');
    this.generations.feedIs(server, live);
  }

  stats() {
    const { hits, misses, evictions, evictionsToday } = this.figures;
    const { entries, bytes, maxEntries } = this.l1;
    return { hits, misses, entries, bytes, maxEntries, evictions, evictionsToday };
  }

  /**
   * Applied here at once, so that the message that comes back to us has nothing to say. When `told` resolves the others
   * are about to hear it: whoever is told of a write after that reads nothing older from any of them.
   */
  private async spread(invalidation: Invalidation): Promise<{ readonly told: Promise<void> | undefined }> {
    this.apply(invalidation);
    if (!(await this.tell(invalidation))) return { told: this.untold.keep(invalidation) };
    void this.untold.tellAgain();
    return { told: undefined };
  }

  private async tell(invalidation: Invalidation): Promise<boolean> {
    // the mark goes first: whoever hears the message finds it
    const [marked, published] = await Promise.all([
      this.mark(invalidation),
      this.shared.publish(CHANNEL, { ...invalidation, from: this.replica }),
    ]);
    return published && marked;
  }

  private mark(invalidation: Invalidation): Promise<boolean> | true {
    if (!this.l2) return true;
    const { server } = invalidation;
    return invalidation.as === 'server' ? this.l2.bumpServer(server) : this.l2.bump(server, invalidation.tags);
  }

  private apply(invalidation: Invalidation): void {
    switch (invalidation.as) {
      case 'tags':
        this.generations.bump(invalidation.server, invalidation.tags);
        return;
      case 'server':
        this.generations.bumpServer(invalidation.server);
        return;
      default:
        return invalidation satisfies never;
    }
  }

  private count(answer: StoredAnswer | undefined, level: 'l1' | 'l2'): void {
    if (answer && this.clock.now() < answer.freshUntil && this.isValid(answer)) {
      this.figures.hits += 1;
      this.observer.hit(level);
    } else {
      if (level === 'l2' || !this.l2) this.figures.misses += 1;
      this.observer.miss(level);
    }
  }

  private evicted(reason: 'space' | 'stale'): void {
    if (reason === 'space') this.figures.evicted();
    this.observer.evicted(reason);
  }
}
