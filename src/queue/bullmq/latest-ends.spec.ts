import { ManualClock } from '../../../test/support/manual-clock.js';
import type { Ending } from './gate.js';
import { LatestEnds } from './latest-ends.js';

const DONE: Ending = { state: 'done', why: '', begun: true, ranMs: 1 };
const key = (id: string) => ({ id, turn: 1, holder: 'r#1' });

describe(LatestEnds.name, () => {
  const clock = new ManualClock();
  const told: [string, Ending][] = [];
  const send = ({ id }: { id: string }, ending: Ending) => {
    told.push([id, ending]);
    return Promise.resolve({ as: 'late' } as const);
  };
  const ends = new LatestEnds(clock, send);
  const again = async () => {
    told.length = 0;
    await ends.tellAgain();
    return told;
  };

  it('tells the ends of the last five seconds again, and no older ones', async () => {
    ends.keep(key('old'), DONE, 'r');
    await clock.advance(3_000);
    ends.keep(key('young'), DONE, 'r');
    expect((await again()).map(([id]) => id)).toEqual(['old', 'young']);
    await clock.advance(2_500);
    expect((await again()).map(([id]) => id)).toEqual(['young']);
  });

  it('keeps of a long answer how long it was', async () => {
    ends.keep(key('long'), { ...DONE, body: { bytes: Buffer.alloc(5_000), textBytes: 90_000 } }, 'r');
    const [, ending] = (await again()).at(-1)!;
    expect([ending.body?.bytes.length, ending.body?.textBytes]).toEqual([0, 90_000]);
  });
});
