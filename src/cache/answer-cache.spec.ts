import fc from 'fast-check';
import { BridgeError } from '../call/bridge-error.js';
import type { CacheControl, CallPlan } from '../call/call-plan.js';
import type { CallSignal } from '../call/call-signal.js';
import { REFUSED } from '../call/refusal.js';
import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import { AnswerCache } from './answer-cache.js';
import { CacheConfig } from './cache.config.js';

const here = new AbortController().signal;
const AWAY = new BridgeError('upstream_unavailable', 'away');

function aPlan(key = 'k', more: Partial<CallPlan> = {}): CallPlan {
  const call = { server: 'ha', method: 'tools/call', name: 'get', params: {}, principal: 'a' } as const;
  const base = { call, kind: 'read', priority: 2, deadline: 1e9, locks: [], holdMs: 0, usualMs: 1e6, touches: [] } as const;
  const rest = { retry: { attempts: 1, baseMs: 1, maxMs: 1 }, fallback: { as: 'stale' } } as const;
  return { ...base, ...rest, cache: { key, ttlMs: 1_000, tags: ['lamp'], isJoinable: true }, ...more };
}

function aCache({ l2 = false, shared = new MemorySharedState() } = {}) {
  const time = { now: 0 };
  jest.spyOn(Date, 'now').mockImplementation(() => 1e12 + time.now);
  const config = new CacheConfig();
  config.levels.l2.enabled = l2;
  const clock = { now: () => time.now, after: () => () => undefined };
  const cache = new AnswerCache(config, shared, undefined, clock);
  cache.onModuleInit();
  let loads = 0;
  const ask = (control: CacheControl = {}, plan = aPlan(), fail?: Error) =>
    cache.remember(
      plan,
      control,
      () => {
        loads += 1;
        return fail ? Promise.reject(fail) : Promise.resolve({ result: { n: loads }, extra: 'mine' });
      },
      here,
    );
  return { cache, time, ask, shared, loads: () => loads };
}

describe.each([{ l2: false }, { l2: true }])(`${AnswerCache.name}, $l2`, (levels) => {
  it('answers from memory while the answer is fresh', async () => {
    const { ask, time, loads } = aCache(levels);
    expect(await ask()).toMatchObject({ result: { n: 1 }, cached: false, loaded: 'mine', freshUntil: expect.any(Number) });
    time.now = 999;
    const second = await ask();
    expect(second).toMatchObject({ result: { n: 1 }, cached: true });
    expect(second.loaded).toBeUndefined();
    expect(loads()).toBe(1);
  });

  it('obeys max-age, no-cache, no-store and only-if-cached', async () => {
    const { ask, time } = aCache(levels);
    await expect(ask({ onlyIfCached: true })).rejects.toMatchObject({ reason: 'deadline_passed', data: { phase: 'cache' } });
    await ask({ noStore: true });
    await ask();
    time.now = 100;
    expect((await ask({ onlyIfCached: true })).result).toEqual({ n: 2 });
    expect((await ask({ maxAgeMs: 200 })).result).toEqual({ n: 2 });
    expect((await ask({ maxAgeMs: 50 })).result).toEqual({ n: 3 });
    expect((await ask({ noCache: true })).result).toEqual({ n: 4 });
    expect((await ask()).result).toEqual({ n: 4 });
  });

  it('gives nothing older than an invalidation, also to a second replica', async () => {
    const { ask, cache, shared } = aCache(levels);
    const other = aCache({ ...levels, shared });
    await ask();
    await other.ask();
    await cache.invalidate('ha', ['lamp'], 'write');
    await new Promise(setImmediate);
    expect((await ask()).cached).toBe(false);
    expect((await other.ask()).result).not.toEqual({ n: 0 });
    expect((await ask()).cached).toBe(true);
  });

  it('does not store a read that began before an invalidation, and lets no later caller join it', async () => {
    const { ask, cache } = aCache(levels);
    type Loaded = { result: { old: true }; extra: undefined };
    let land: (value: Loaded) => void = () => undefined;
    const early = cache.remember(aPlan(), {}, () => new Promise<Loaded>((resolve) => (land = resolve)), here);
    await new Promise(setImmediate);
    await cache.invalidate('ha', ['lamp'], 'write');
    expect((await ask()).result).toEqual({ n: 1 });
    land({ result: { old: true }, extra: undefined });
    expect((await early).result).toEqual({ old: true });
    expect((await ask()).result).toEqual({ n: 1 });
  });

  it('makes equal reads one, which is called off only when all have left', async () => {
    const { cache } = aCache(levels);
    const [first, second] = [new AbortController(), new AbortController()];
    const seen: CallSignal[] = [];
    const load = (signal: CallSignal) => {
      seen.push(signal);
      return new Promise<never>(() => undefined);
    };
    const answers = [first, second].map(({ signal }) => cache.remember(aPlan(), {}, load, signal).catch((error: unknown) => error));
    await new Promise(setImmediate);
    first.abort();
    await answers[0];
    expect(seen.map(({ aborted }) => aborted)).toEqual([false]);
    second.abort();
    await answers[1];
    expect(seen[0]?.aborted).toBe(true);
  });

  it('lets reads that may not be joined run each for itself, and keeps their answers all the same', async () => {
    const { ask, loads } = aCache(levels);
    const cache = { key: 'k', ttlMs: 1_000, tags: ['lamp'], isJoinable: false };
    const answers = await Promise.all([ask({}, aPlan('k', { cache })), ask({}, aPlan('k', { cache }))]);
    expect(answers.map(({ result }) => result)).toEqual([{ n: 1 }, { n: 2 }]);
    expect((await ask({}, aPlan('k', { cache }))).cached).toBe(true);
    expect(loads()).toBe(2);
  });

  it('falls back while the upstream is away: to the old answer, labelled with its age, else to the literal', async () => {
    const { ask, time } = aCache(levels);
    const literal = { as: 'literal', label: 'empty', result: { none: true } } as const;
    await expect(ask({}, aPlan(), AWAY)).rejects.toBe(AWAY);
    expect(await ask({}, aPlan('k', { fallback: literal }), AWAY)).toEqual({ result: { none: true }, cached: false, fallback: 'empty' });
    await ask();
    time.now = 5_000;
    expect(await ask({}, aPlan(), AWAY)).toMatchObject({ stale: { ageMs: 5_000 } });
    await expect(ask({ noCache: true }, aPlan(), AWAY)).rejects.toBe(AWAY);
    const refused = AWAY.with(REFUSED);
    await expect(ask({}, aPlan(), refused)).rejects.toBe(refused);
    time.now = 10_000;
    await expect(ask({}, aPlan(), AWAY)).rejects.toBe(AWAY);
  });

  it('keeps answers for the fallback, but not as fresh, when the change feed is lost', async () => {
    const { ask, cache } = aCache(levels);
    await ask();
    cache.feedIs('ha', false);
    expect(await ask({}, aPlan(), AWAY)).toMatchObject({ stale: { ageMs: 0 } });
    await cache.invalidateAll('ha', 'restart');
    await expect(ask({}, aPlan(), AWAY)).rejects.toBe(AWAY);
  });

  it('takes nothing for fresh as long as no changes are told, nor what it was given meanwhile once they are told again', async () => {
    const { ask, cache } = aCache(levels);
    cache.feedIs('ha', false);
    expect((await ask()).freshUntil).toBeUndefined();
    expect((await ask()).cached).toBe(false);
    expect(await ask({}, aPlan(), AWAY)).toMatchObject({ stale: { ageMs: 0 } });
    cache.feedIs('ha', true);
    expect((await ask()).cached).toBe(false);
    expect((await ask()).cached).toBe(true);
  });

  it('never stores the failure of a tool', async () => {
    const { cache } = aCache(levels);
    const load = () => Promise.resolve({ result: { isError: true }, extra: 0 });
    await cache.remember(aPlan(), {}, load, here);
    expect((await cache.remember(aPlan(), {}, load, here)).cached).toBe(false);
  });

  it('never gives one principal the answer of another, in any order of asking, waiting and writing', async () => {
    const step = fc.tuple(fc.constantFrom('alice', 'bob'), fc.constantFrom('ask', 'ask', 'write', 'later'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { cache, time } = aCache(levels);
        const asked: Promise<void>[] = [];
        for (const [who, what] of steps) {
          if (what === 'later') time.now += 600;
          if (what === 'write') await cache.invalidate('ha', ['lamp'], 'write');
          const load = () => Promise.resolve({ result: { who }, extra: 0 });
          if (what === 'ask') asked.push(cache.remember(aPlan(who), {}, load, here).then(({ result }) => expect(result).toEqual({ who })));
        }
        await Promise.all(asked);
      }),
      { numRuns: 50 },
    );
  });
});

describe('An answer that other replicas know of', () => {
  it('is not given from memory before what they told has been heard', async () => {
    const { ask, shared } = aCache();
    await ask();
    const told = { as: 'tags', server: 'ha', tags: ['lamp'], from: 'another' };
    jest.spyOn(shared, 'caughtUp').mockImplementation(() => shared.publish('cache', told).then(() => undefined));
    expect(await ask()).toMatchObject({ result: { n: 2 }, cached: false });
  });

  it('only stands in when it was stored before this replica heard of changes', async () => {
    const shared = new MemorySharedState();
    await aCache({ l2: true, shared }).ask();
    const { ask, cache, time } = aCache({ l2: true, shared });
    time.now = 10;
    cache.feedIs('ha', true);
    expect(await ask({}, aPlan(), AWAY)).toMatchObject({ result: { n: 1 }, stale: { ageMs: 10 } });
    time.now = 20;
    expect(await ask()).toMatchObject({ result: { n: 2 }, cached: false });
    expect(await ask()).toMatchObject({ result: { n: 2 }, cached: true });
  });
});
