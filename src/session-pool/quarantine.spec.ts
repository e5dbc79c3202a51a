import { ManualClock } from '../../test/support/manual-clock.js';
import { Quarantine } from './quarantine.js';

const TEN_MINUTES_MS = 600_000;

describe(Quarantine.name, () => {
  const clock = new ManualClock();
  const quarantine = new Quarantine(clock);
  const kept = (list: 'marks' | 'convicts') => [...(Reflect.get(quarantine, list) as Map<string, number>).keys()];

  it('keeps no mark and no sentence that has faded, though nobody asks for it again', async () => {
    for (const call of ['a', 'b', 'c']) quarantine.crashed(call, true);
    quarantine.crashed('c', true);
    await clock.advance(TEN_MINUTES_MS / 2);
    quarantine.crashed('a', false); // marked anew, so later to fade than b
    quarantine.crashed('d', true);
    await clock.advance(TEN_MINUTES_MS / 2);

    quarantine.crashed('e', false);
    quarantine.crashed('d', true);

    expect(kept('marks')).toEqual(['a', 'e']);
    expect(kept('convicts')).toEqual(['d']);
    expect(quarantine.size).toBe(1);
    expect(quarantine.mustRunAlone('a')).toBe(true);
    expect(quarantine.refuses('d')).toBe(true);
  });
});
