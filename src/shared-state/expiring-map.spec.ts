import { ManualClock } from '../../test/support/manual-clock.js';
import { ExpiringMap } from './expiring-map.js';

describe(ExpiringMap.name, () => {
  it('ends an entry on time', async () => {
    const clock = new ManualClock();
    const map = new ExpiringMap<string>(clock);
    map.set('key', 'value', 10);
    await clock.advance(9);
    expect(map.get('key')).toBe('value');
    await clock.advance(1);
    expect(map.get('key')).toBeUndefined();
    expect(map.delete('key')).toBe(false);
  });

  it('drops entries that nobody asks for again, while others are written', async () => {
    const clock = new ManualClock();
    const map = new ExpiringMap<number>(clock);
    map.set('long', 0, 1_000_000);
    for (let key = 0; key < 1_000; key += 1) map.set(`old ${key}`, key, 10);
    await clock.advance(10);
    for (let key = 0; key < 1_000; key += 1) map.set(`new ${key % 10}`, key, 1_000);
    expect(map.size).toBe(11);
    expect(map.get('long')).toBe(0);
  });
});
