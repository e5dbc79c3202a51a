import type { Invalidation } from './invalidations.js';
import { Untold } from './untold.js';

const LAMP: Invalidation = { as: 'tags', server: 'house', tags: ['lamp'] };

/** A store that takes what it is told only while it is there, and a clock that a test moves. */
function aStore() {
  const store = { isThere: false, told: [] as Invalidation[], alarms: 0 };
  let ring: () => void = () => undefined;
  const clock = {
    now: () => 0,
    after: (_ms: number, callback: () => void) => {
      store.alarms += 1;
      ring = callback;
      return () => (ring = () => undefined);
    },
  };
  const tell = (invalidation: Invalidation) => {
    if (store.isThere) store.told.push(invalidation);
    return Promise.resolve(store.isThere);
  };
  const passTime = async () => {
    ring();
    await new Promise(setImmediate);
  };
  return { store, untold: new Untold(tell, clock), passTime };
}

describe(Untold.name, () => {
  it('tells again and again until the store has taken it, and says when', async () => {
    const { store, untold, passTime } = aStore();
    let isTold = false;
    void untold.keep(LAMP).then(() => (isTold = true));
    await passTime();
    await passTime();
    expect([store.told, isTold]).toEqual([[], false]);
    store.isThere = true;
    await passTime();
    expect([store.told, isTold]).toEqual([[LAMP], true]);
  });

  it('tells what is kept twice once, all tags of a server together', async () => {
    const { store, untold, passTime } = aStore();
    const all = [{ ...LAMP, tags: ['lamp', 'door'] }, LAMP, { as: 'server', server: 'ledger' } as const].map((one) => untold.keep(one));
    store.isThere = true;
    await passTime();
    await Promise.all(all);
    expect(store.told).toEqual([
      { as: 'server', server: 'ledger' },
      { as: 'tags', server: 'house', tags: ['lamp', 'door'] },
    ]);
    expect(store.alarms).toBe(1);
  });

  it('remembers only the server of too many tags', async () => {
    const { store, untold, passTime } = aStore();
    for (let tag = 0; tag <= 1000; tag += 1) void untold.keep({ ...LAMP, tags: [`lamp ${tag}`] });
    store.isThere = true;
    await passTime();
    expect(store.told).toEqual([{ as: 'server', server: 'house' }]);
  });

  it('tells nobody any more once it is closed', async () => {
    const { store, untold, passTime } = aStore();
    void untold.keep(LAMP);
    untold.close();
    store.isThere = true;
    await passTime();
    void untold.keep(LAMP);
    expect([store.told, store.alarms]).toEqual([[], 1]);
  });
});
