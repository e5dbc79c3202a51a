import { Logger } from '@nestjs/common';
import type { Json } from '../../src/call/json.js';
import type { SharedState } from '../../src/shared-state/shared-state.js';
import { cluster, embedded } from '../support/columns.js';
import { eventually } from '../support/eventually.js';

describe.each([embedded, cluster])('SharedState, $name', (column) => {
  let state: SharedState;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    await column.open();
  });
  afterAll(() => column.close());
  beforeEach(async () => {
    state = await column.createState();
  });
  afterEach(() => state.close());

  it('gives back what was put, as a copy', async () => {
    const value = { list: [1, 'two', null, { three: true }] };
    await state.put('key', value, 10_000);
    const read = await state.get('key');
    expect(read).toEqual(value);
    expect(read).not.toBe(value);
    expect(await state.get('key')).not.toBe(read);
  });

  it('knows nothing of a key that was never put, tells a stored null from nothing, and keeps any text as a key', async () => {
    expect(await state.get('never')).toBeUndefined();
    await state.put('__proto__', null, 10_000);
    expect(await state.get('__proto__')).toBeNull();
    expect(await state.get('toString')).toBeUndefined();
  });

  it('replaces the value and its time', async () => {
    await state.put('key', 'old', 20);
    await state.put('key', 'new', 10_000);
    await state.put('other', 'short', 20);
    await eventually(async () => (await state.get('other')) === undefined);
    expect(await state.get('key')).toBe('new');
  });

  it('forgets a value when its time is over, and then lets it be put again', async () => {
    await state.put('key', 'short', 20);
    expect(await state.putIfAbsent('key', 'early', 10_000)).toBe(false);
    await eventually(async () => (await state.get('key')) === undefined);
    expect(await state.delete('key')).toBe(false);
    expect(await state.putIfAbsent('key', 'late', 10_000)).toBe(true);
    expect(await state.get('key')).toBe('late');
  });

  it('lets exactly one of many put what is absent', async () => {
    const puts = await Promise.all(Array.from({ length: 20 }, (_, index) => state.putIfAbsent('claim', index, 10_000)));
    expect(puts.filter(Boolean)).toHaveLength(1);
    expect(await state.get('claim')).toBe(puts.indexOf(true));
  });

  it('deletes once', async () => {
    await state.put('key', 1, 10_000);
    expect([await state.delete('key'), await state.delete('key'), await state.get('key')]).toEqual([true, false, undefined]);
  });

  it('puts and deletes what is unchanged, and leaves alone what is gone, has changed or was put anew', async () => {
    const known = { at: 1, list: ['ä', null, { deep: 0.1 }], 2: '"' };
    await state.put('key', known, 10_000);
    const read = (await state.get('key'))!;
    expect(await state.putIfUnchanged('key', read, 'moved', 10_000)).toBe(true);
    expect([await state.putIfUnchanged('key', read, 'again', 10_000), await state.deleteIfUnchanged('key', read)]).toEqual([false, false]);
    expect(await state.get('key')).toBe('moved');
    expect([await state.deleteIfUnchanged('key', 'moved'), await state.get('key')]).toEqual([true, undefined]);
    expect([await state.putIfUnchanged('key', 'moved', 1, 10_000), await state.deleteIfUnchanged('key', 'moved')]).toEqual([false, false]);
    expect(await state.get('key')).toBeUndefined();
  });

  it('lets exactly one of many change what all of them have read, and gives it a time of its own', async () => {
    await state.put('key', 'read', 10_000);
    const puts = await Promise.all(Array.from({ length: 20 }, (_, index) => state.putIfUnchanged('key', 'read', index, 20)));
    expect(puts.filter(Boolean)).toHaveLength(1);
    await eventually(async () => (await state.get('key')) === undefined);
  });

  it('puts as many on a roster as it may have, each roster for itself, and nobody twice', async () => {
    const joins = await Promise.all(['a', 'b', 'a', 'c', 'd', 'b'].map((member) => state.join('roster', member, 10_000, 3)));
    expect(joins).toEqual([true, true, true, true, false, true]);
    expect(await state.join('another', 'd', 10_000, 1)).toBe(true);
    await state.leave('roster', 'd');
    expect(await state.join('roster', 'd', 10_000, 3)).toBe(false);
    await state.leave('roster', 'a');
    expect([await state.join('roster', 'd', 10_000, 3), await state.join('roster', 'a', 10_000, 3)]).toEqual([true, false]);
    expect([...(await state.members('roster'))].sort()).toEqual(['b', 'c', 'd']);
    expect(await state.members('another')).toEqual(['d']);
  });

  it('gives the place of a member to others when his time is over, unless he had it set anew', async () => {
    await state.join('roster', 'gone', 20, 3);
    await state.join('roster', 'kept', 20, 3);
    await state.join('roster', 'kept', 10_000, 3);
    await state.join('roster', 'stays', 10_000, 3);
    await eventually(() => state.join('roster', 'new', 10_000, 3));
    expect(await state.join('roster', 'newer', 10_000, 3)).toBe(false);
    expect([await state.join('roster', 'kept', 20, 3), await state.join('roster', 'stays', 10_000, 3)]).toEqual([true, true]);
    await eventually(() => state.join('roster', 'newer', 10_000, 3));
  });

  it('tells nobody of whom the time is over, and lets everybody leave who is not there', async () => {
    await state.join('roster', 'kept', 10_000, 3);
    await state.join('roster', 'gone', 20, 3);
    await eventually(async () => (await state.members('roster')).length === 1);
    expect(await state.members('roster')).toEqual(['kept']);
    await state.leave('roster', 'kept');
    await state.leave('roster', 'nobody');
    expect(await state.members('roster')).toEqual([]);
    expect(await state.join('roster', 'somebody', 10_000, 1)).toBe(true);
  });

  it('gives as many tokens as a bucket holds, then says when the next is there, each bucket for itself', async () => {
    const rate = { capacity: 3, refillPerSecond: 0.5 };
    const grants = await Promise.all(Array.from({ length: 5 }, () => state.takeToken('caller', rate)));
    expect(grants.map(({ taken }) => taken)).toEqual([true, true, true, false, false]);
    expect(grants.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
    expect(grants[0]).toMatchObject({ retryAfterMs: 0 });
    expect(grants[4]!.retryAfterMs).toBeGreaterThan(1_000);
    expect(grants[4]!.retryAfterMs).toBeLessThanOrEqual(2_000);
    expect(await state.takeToken('another', rate)).toMatchObject({ taken: true, remaining: 2 });
  });

  it('refills a bucket with time, never above its capacity', async () => {
    const rate = { capacity: 2, refillPerSecond: 50 };
    await state.takeToken('caller', rate);
    await state.takeToken('caller', rate);
    expect((await state.takeToken('caller', rate)).taken).toBe(false);
    const { retryAfterMs } = await state.takeToken('caller', rate);
    expect(retryAfterMs).toBeLessThanOrEqual(20);
    await eventually(async () => (await state.takeToken('caller', rate)).taken);
    const start = performance.now();
    await eventually(() => performance.now() - start > 100);
    expect((await state.takeToken('caller', rate)).remaining).toBe(1);
  });

  it('brings a message once to each subscriber of its channel, later and as a copy', async () => {
    const heard: [string, Json][] = [];
    state.subscribe('news', (message) => heard.push(['one', message]), gap);
    state.subscribe('news', (message) => heard.push(['other', message]), gap);
    state.subscribe('weather', (message) => heard.push(['weather', message]), gap);
    await column.quiet();
    const message = { tags: ['lamp'] };
    void state.publish('news', message);
    expect(heard).toEqual([]);
    await eventually(() => heard.length >= 2);
    await column.quiet();
    expect(heard.sort()).toEqual([
      ['one', message],
      ['other', message],
    ]);
    expect(heard[0]![1]).not.toBe(heard[1]![1]);
  });

  it('keeps messages in order, and brings none to who has left', async () => {
    const heard: Json[] = [];
    const leave = state.subscribe('news', (message) => heard.push(message), gap);
    await column.quiet();
    for (const message of [1, 2, 3]) void state.publish('news', message);
    await eventually(() => heard.length === 3);
    leave();
    void state.publish('news', 4);
    await column.quiet();
    expect(heard).toEqual([1, 2, 3]);
  });

  it('brings a message to the others when one subscriber throws', async () => {
    const heard: Json[] = [];
    state.subscribe(
      'news',
      () => {
        throw new Error('told on purpose');
      },
      gap,
    );
    state.subscribe('news', (message) => heard.push(message), gap);
    await column.quiet();
    void state.publish('news', 'for all');
    await eventually(() => heard.length === 1);
  });

  it('is ready', () => {
    expect(state.ready()).toEqual({ ok: true });
  });
});

function gap(): void {
  throw new Error('no message was missed');
}
