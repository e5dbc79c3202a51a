import { BridgeError } from '../call/bridge-error.js';
import type { SharedState } from '../shared-state/shared-state.js';
import { TokenBuckets } from './token-buckets.js';

describe(TokenBuckets.name, () => {
  let now = 0;
  const away = { takeToken: () => Promise.reject(new BridgeError('store_away', 'away')) } as unknown as SharedState;
  const clock = { now: () => now, after: () => () => undefined };
  const bucketsOf = (replicas: number) => new TokenBuckets({ capacity: 4, refillPerSecond: 2 }, away, clock, () => replicas);

  it('fills again at its rate, and no higher than its capacity', async () => {
    const buckets = bucketsOf(1);
    for (const remaining of [3, 2, 1, 0]) expect(await buckets.take('a')).toMatchObject({ taken: true, remaining });
    expect(await buckets.take('a')).toEqual({ taken: false, remaining: 0, retryAfterMs: 500 });
    now += 499;
    expect(await buckets.take('a')).toMatchObject({ taken: false, retryAfterMs: 1 });
    now += 1;
    expect(await buckets.take('a')).toMatchObject({ taken: true, remaining: 0 });
    now += 3_600_000;
    expect(await buckets.take('a')).toMatchObject({ taken: true, remaining: 3 });
  });

  it('gives each replica its part of the rate', async () => {
    const buckets = bucketsOf(2);
    expect(await buckets.take('a')).toMatchObject({ taken: true, remaining: 1 });
    expect(await buckets.take('a')).toMatchObject({ taken: true, remaining: 0 });
    expect(await buckets.take('a')).toEqual({ taken: false, remaining: 0, retryAfterMs: 1000 });
    expect(await buckets.take('b')).toMatchObject({ taken: true });
  });

  it('does not hide any other failure of the store', async () => {
    const broken = { takeToken: () => Promise.reject(new Error('bug')) } as unknown as SharedState;
    await expect(new TokenBuckets({ capacity: 1, refillPerSecond: 1 }, broken, clock, () => 1).take('a')).rejects.toThrow('bug');
  });
});
