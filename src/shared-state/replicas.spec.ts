import { ManualClock, settled } from '../../test/support/manual-clock.js';
import type { Json } from '../call/json.js';
import { MemorySharedState } from './memory-shared-state.js';
import { Replicas } from './replicas.js';

describe(Replicas.name, () => {
  let clock: ManualClock;
  let shared: MemorySharedState;

  beforeEach(() => {
    clock = new ManualClock();
    shared = new MemorySharedState(clock);
  });

  const started = (id: string): Replicas => {
    const replicas = new Replicas(id, shared, clock);
    replicas.contribute('calls', () => id.length);
    replicas.onApplicationBootstrap();
    return replicas;
  };

  it('knows itself from the beginning, and the others as soon as they speak', async () => {
    const one = started('a');
    expect(one.live()).toEqual(new Map([['a', { calls: 1 }]]));
    const two = started('bb');
    await settled();
    expect(one.live()).toEqual(
      new Map([
        ['a', { calls: 1 }],
        ['bb', { calls: 2 }],
      ]),
    );
    await clock.advance(1000);
    expect([...two.live().keys()].sort()).toEqual(['a', 'bb']);
    expect([one.lastCount, two.lastCount]).toEqual([2, 2]);
  });

  it('forgets at once who says farewell, and after five seconds who says nothing', async () => {
    const one = started('a');
    const two = started('bb');
    await shared.publish('replicas', { from: 'killed', summary: {} });
    await clock.advance(1000);
    expect(one.lastCount).toBe(3);
    two.onModuleDestroy();
    await settled();
    expect([...one.live().keys()]).toEqual(['a', 'killed']);
    await clock.advance(5000);
    expect([...one.live().keys()]).toEqual(['a']);
    expect(one.lastCount).toBe(1);
  });

  it('remembers how many there were while the store is away', async () => {
    const one = started('a');
    started('bb');
    await clock.advance(1000);
    jest.spyOn(shared, 'publish').mockResolvedValue(false);
    await clock.advance(60_000);
    expect(one.live().size).toBe(1);
    expect(one.lastCount).toBe(2);
  });

  it('takes nothing from a message that is not one of ours', async () => {
    const one = started('a');
    const strange: Json[] = [null, 'a', { from: 1 }, { summary: {} }, ['a']];
    for (const message of strange) await shared.publish('replicas', message);
    await settled();
    expect(one.live().size).toBe(1);
  });

  it('takes a replica for gone when it said farewell or fell silent, once it has listened for five seconds', async () => {
    const one = started('a');
    const two = started('bb');
    await shared.publish('replicas', { from: 'killed', summary: {} });
    await clock.advance(4000);
    expect(['killed', 'never heard', 'bb', 'a'].map((id) => one.isGone(id))).toEqual([false, false, false, false]);
    await clock.advance(1000);
    expect(['killed', 'never heard', 'bb', 'a'].map((id) => one.isGone(id))).toEqual([true, true, false, false]);
    two.onModuleDestroy();
    await settled();
    expect(one.isGone('bb')).toBe(true);
  });

  it('takes nobody for gone while it hears nothing, nor at once when it hears again', async () => {
    const one = started('a');
    started('bb');
    await clock.advance(6000);
    const away = jest.spyOn(shared, 'publish').mockResolvedValue(false);
    await clock.advance(60_000);
    expect(one.isGone('bb')).toBe(false);
    away.mockRestore();
    await clock.advance(4000);
    expect(one.isGone('never heard')).toBe(false);
    await clock.advance(3000);
    expect([one.isGone('bb'), one.isGone('never heard')]).toEqual([false, true]);
  });

  it('tells once who watches that a replica is gone', async () => {
    const one = started('a');
    const two = started('bb');
    const seen: string[] = [];
    one.whenGone('bb', () => seen.push('kept'));
    one.whenGone('bb', () => seen.push('ended'))();
    await clock.advance(6000);
    expect(seen).toEqual([]);
    two.onModuleDestroy();
    await clock.advance(10_000);
    expect(seen).toEqual(['kept']);
  });
});
