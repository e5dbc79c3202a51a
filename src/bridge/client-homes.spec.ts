import { ManualClock } from '../../test/support/manual-clock.js';
import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import { Replicas } from '../shared-state/replicas.js';
import { ClientHomes } from './client-homes.js';
import { ClientSessionsConfig } from './client-sessions.config.js';

describe(ClientHomes.name, () => {
  let clock: ManualClock;
  let shared: MemorySharedState;
  let gone: string[];

  beforeEach(() => {
    clock = new ManualClock();
    shared = new MemorySharedState(clock);
    gone = [];
  });

  const homesOn = (id: string): ClientHomes => {
    const replicas = new Replicas(id, shared, clock);
    jest.spyOn(replicas, 'isGone').mockImplementation((other) => gone.includes(other));
    return new ClientHomes(shared, replicas, new ClientSessionsConfig());
  };

  it('are where the first call came, for every replica, each principal and server apart', async () => {
    const [one, two] = [homesOn('one'), homesOn('two')];
    expect([await one.of('house', 'ann'), await two.of('house', 'ann')]).toEqual(['one', 'one']);
    expect([await two.of('house', 'bob'), await one.of('house', 'bob')]).toEqual(['two', 'two']);
    expect(await two.of('other', 'ann')).toBe('two');
    await one.leave('house', 'ann');
    expect(await two.of('house', 'ann')).toBe('two');
  });

  it('stay with who took one over, when the replica that was taken for gone lives and leaves', async () => {
    const [one, two, three] = [homesOn('one'), homesOn('two'), homesOn('three')];
    await one.of('house', 'ann');
    gone = ['one'];
    expect(await two.of('house', 'ann')).toBe('two');
    gone = [];
    expect(await one.stay('house', 'ann')).toBe(false);
    await one.leave('house', 'ann');
    expect(await three.of('house', 'ann')).toBe('two');
  });

  it('have one successor, however many take the last one for gone at once', async () => {
    await homesOn('one').of('house', 'ann');
    gone = ['one'];
    const found = await Promise.all(['two', 'three', 'four'].map((id) => homesOn(id).of('house', 'ann')));
    expect(new Set(found).size).toBe(1);
    expect(found[0]).not.toBe('one');
  });
});
