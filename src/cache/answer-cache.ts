import { Injectable, type OnModuleDestroy, type OnModuleInit, Optional } from '@nestjs/common';
import { BridgeError } from '../call/bridge-error.js';
import type { CacheControl, CachePlan, CallPlan, CallResult } from '../call/call-plan.js';
import type { CallSignal } from '../call/call-signal.js';
import { type Clock, systemClock } from '../call/clock.js';
import { inTime } from '../call/in-time.js';
import { SharedState } from '../shared-state/shared-state.js';
import { AnswerStore } from './answer-store.js';
import { CacheConfig } from './cache.config.js';
import { CacheObserver, SILENT } from './cache-observer.js';
import type { CachedAnswer } from './cached-answer.js';
import { fallbackFor } from './fallback.js';
import { Flights } from './flights.js';
import type { StoredAnswer } from './stored-answer.js';

/** What a write whose time is over may still take to be told: a few round trips. */
const LAST_MOMENT_MS = 250;

/** Runs the call; the signal aborts when everybody who waited for it has left. */
export type Load<Extra> = (signal: CallSignal) => Promise<{ readonly result: CallResult; readonly extra: Extra }>;

/** Answers from memory where the plan allows it, and lets equal reads wait for one of them. */
@Injectable()
export class AnswerCache implements OnModuleInit, OnModuleDestroy {
  private readonly flights = new Flights();
  private readonly store: AnswerStore;

  constructor(
    config: CacheConfig,
    shared: SharedState,
    @Optional() observer: CacheObserver = SILENT,
    @Optional() private readonly clock: Clock = systemClock,
  ) {
    this.store = new AnswerStore(config, shared, observer, clock);
  }

  onModuleInit(): void {
    this.store.listen();
  }

  onModuleDestroy(): void {
    this.store.close();
  }

  /**
   * The stored answer while it is fresh enough for `control`, else that of `load`; what the plan's fallback allows when
   * the upstream is unavailable.
   * @throws BridgeError `deadline_passed` with phase `cache` when only a stored answer would do and there is none;
   *   whatever `load` throws
   */
  async remember<Extra>(plan: CallPlan, control: CacheControl, load: Load<Extra>, signal: CallSignal): Promise<CachedAnswer<Extra>> {
    const { cache } = plan;
    const found = this.stored(plan, control);
    const stored = found instanceof Promise ? await found : found;
    if (stored && this.isFresh(stored, control)) return this.given(stored);
    if (control.onlyIfCached) throw notStored(plan);
    try {
      if (cache && !control.noStore) return await this.loadShared(plan, cache, control, load, signal);
      const { result, extra } = await load(signal);
      return { result, loaded: extra, cached: false };
    } catch (error) {
      const instead = fallbackFor(plan, control, error, stored && this.store.isUsable(stored) ? stored : undefined, this.clock.now());
      if (instead) return instead;
      throw error;
    }
  }

  /**
   * Nothing stored under these tags is given any more; reads under way are answered, not stored. Here at once; resolves
   * when the other replicas are about to hear it, or the shared store did not take it: then they are told again until it does.
   */
  invalidate(server: string, tags: readonly string[], cause: string): Promise<void> {
    return this.store.invalidate(server, tags, cause);
  }

  /**
   * To be awaited before a write is answered, whatever became of it: whoever then reads, on any replica, is given nothing
   * older. A caller who can wait no longer is answered all the same.
   * @param deadline by the monotonic clock
   */
  async announce(server: string, tags: readonly string[], deadline: number): Promise<void> {
    await inTime(this.store.announce(server, tags), Math.max(deadline - this.clock.now(), LAST_MOMENT_MS));
  }

  /** As `invalidate`, for all of an upstream. */
  invalidateAll(server: string, cause: 'restart' | 'changed_all'): Promise<void> {
    return this.store.invalidateAll(server, cause);
  }

  /** Whether changes of the upstream are told. As long as they are not, no answer is fresh; all may still stand in. */
  feedIs(server: string, live: boolean): void {
    this.store.feedIs(server, live);
  }

  stats() {
    return this.store.stats();
  }

  private stored({ call, cache }: CallPlan, control: CacheControl): StoredAnswer | undefined | Promise<StoredAnswer | undefined> {
    if (!cache || control.noStore || control.noCache) return undefined;
    const lookUp = () => {
      const near = this.store.near(cache.key);
      return near && this.isFresh(near, control) ? near : this.store.far(call.server, cache, near);
    };
    // whoever asks may know of a write, and be here before its message
    const heard = this.store.caughtUp();
    return heard ? heard.then(lookUp) : lookUp();
  }

  private isFresh(stored: StoredAnswer, { maxAgeMs }: CacheControl): boolean {
    const now = this.clock.now();
    if (!this.store.isValid(stored) || now >= stored.freshUntil) return false;
    return maxAgeMs === undefined || now - stored.storedAt < maxAgeMs;
  }

  private given({ result, storedAt, freshUntil }: StoredAnswer): CachedAnswer<never> {
    return { result, cached: true, freshUntil: this.wall(freshUntil), ageMs: this.clock.now() - storedAt };
  }

  /** @returns wall clock, ms since 1970 */
  private wall(time: number): number {
    return Math.round(Date.now() + time - this.clock.now());
  }

  private async loadShared<Extra>(
    plan: CallPlan,
    cache: CachePlan,
    control: CacheControl,
    load: Load<Extra>,
    signal: CallSignal,
  ): Promise<CachedAnswer<Extra>> {
    const running = cache.isJoinable ? this.flights.get(cache.key) : undefined;
    // a flight that began before a write was answered brings what the writer must not read
    if (running && !control.noCache && this.store.isUsable({ server: plan.call.server, tags: cache.tags, since: running.since })) {
      const answer = await this.joined<Extra>(plan, () => running.join(signal));
      return answer ?? this.loadShared(plan, cache, control, load, signal);
    }

    let own: { readonly extra: Extra; readonly freshUntil?: number } | undefined;
    const start = this.store.begin(plan.call.server, cache);
    const flight = this.flights.start(cache.key, start.since, async (leaves) => {
      await start.ready;
      const { result, extra } = await load(leaves);
      const freshUntil = await start.keep(result);
      own = { extra, ...(freshUntil !== undefined && { freshUntil: this.wall(freshUntil) }) };
      return result;
    });
    const result = await flight.join(signal);
    return {
      result,
      cached: false,
      ...(own && { loaded: own.extra, ...(own.freshUntil !== undefined && { freshUntil: own.freshUntil }) }),
    };
  }

  /** @returns nothing when the flight ran out of another caller's time and not of ours */
  private async joined<Extra>(plan: CallPlan, join: () => Promise<CallResult>): Promise<CachedAnswer<Extra> | undefined> {
    let cancel: () => void = () => undefined;
    const timeUp = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.after(Math.max(0, plan.deadline - this.clock.now()), () => {
        reject(new BridgeError('deadline_passed', 'The time for this call is over', { phase: 'running' }));
      });
    });
    try {
      return { result: await Promise.race([join(), timeUp]), cached: false };
    } catch (error) {
      if (error instanceof BridgeError && error.reason === 'deadline_passed' && this.clock.now() < plan.deadline) return undefined;
      throw error;
    } finally {
      cancel();
    }
  }
}

function notStored({ kind }: CallPlan): BridgeError {
  return new BridgeError('deadline_passed', 'No fresh answer is stored', {
    phase: 'cache',
    ...(kind !== 'read' && { outcome: 'not_started' }),
  });
}
