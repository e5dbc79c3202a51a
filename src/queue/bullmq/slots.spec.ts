import { Slots } from './slots.js';

describe(Slots.name, () => {
  it('are one count for both ways to a run', async () => {
    const slots = new Slots(2, () => undefined);
    slots.reserve()?.keep();
    expect(await slots.take()).toBeDefined();
    expect(slots.reserve()).toBeUndefined();
    expect(await slots.take()).toBeUndefined();
    expect(slots.free).toBe(0);
  });

  it('let a delivery wait until the fast lane has decided what it does with the last one', async () => {
    const slots = new Slots(1, () => undefined);
    const [unused, used] = [slots.reserve(), slots.take()];
    unused?.free();
    expect(await used).toBeDefined();

    (await used)?.free();
    const [kept, none] = [slots.reserve(), slots.take()];
    kept?.keep();
    expect(await none).toBeUndefined();
  });

  it('tell when one is free again, once for each however often it is given back', () => {
    let freed = 0;
    const slots = new Slots(1, () => (freed += 1));
    const slot = slots.reserve();
    slot?.keep();
    slot?.free();
    slot?.free();
    expect([freed, slots.free]).toEqual([1, 1]);
    slots.reserve()?.free();
    expect([freed, slots.free]).toEqual([2, 1]);
  });

  it('may become fewer than are taken, and none is free until enough have come back', () => {
    const slots = new Slots(3, () => undefined);
    const taken = [slots.reserve(), slots.reserve()];
    for (const slot of taken) slot?.keep();
    slots.resize(1);
    taken[0]?.free();
    expect(slots.reserve()).toBeUndefined();
    taken[1]?.free();
    expect(slots.reserve()).toBeDefined();
  });
});
