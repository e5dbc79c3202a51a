import { ManualClock } from '../../../test/support/manual-clock.js';
import type { Ending } from './gate.js';
import { LatestEnds } from './latest-ends.js';

const DONE: Ending = { state: 'done', why: '', begun: true, ranMs: 1 };
const key = (id: string) => ({ id, turn: 1, holder: 'r#1' });

describe(LatestEnds.name, () => {
  let clock: ManualClock;
  let heardAt: number;
  let told: [string, Ending][];
  let ends: LatestEnds;

  const toldAgain = async () => {
    told = [];
    await ends.tellAgain();
    return told;
  };
  const idsAgain = async () => (await toldAgain()).map(([id]) => id);

  beforeEach(() => {
    clock = new ManualClock();
    heardAt = 0;
    ends = new LatestEnds(
      clock,
      () => heardAt,
      ({ id }, ending) => {
        told.push([id, ending]);
        return Promise.resolve({ as: 'late' } as const);
      },
    );
  });

  it('are told again unless Redis lived for five seconds more, however long it is away', async () => {
    ends.keep(key('old'), DONE, 'r');
    await clock.advance(3_000);
    ends.keep(key('young'), DONE, 'r');
    heardAt = 5_500;
    await clock.advance(60_000);
    // resent, and answered by a Redis that nobody has compared yet: no sign that the others are safe
    ends.keep(key('resent'), DONE, 'r');
    expect(await idsAgain()).toEqual(['young', 'resent']);
  });

  it('are told once more when the next loss may be of what was told again', async () => {
    ends.keep(key('write'), DONE, 'r');
    await clock.advance(60_000);
    await toldAgain();
    heardAt = clock.now() + 4_000;
    expect(await idsAgain()).toEqual(['write']);
    heardAt = clock.now() + 6_000;
    expect(await idsAgain()).toEqual([]);
  });

  it('are ten thousand at most, the latest ones', async () => {
    for (let count = 0; count < 10_001; count += 1) ends.keep(key(`write ${count}`), DONE, 'r');
    const ids = await idsAgain();
    expect([ids.length, ids[0]]).toEqual([10_000, 'write 1']);
  });

  it('keep of a long answer how long it was', async () => {
    ends.keep(key('long'), { ...DONE, body: { bytes: Buffer.alloc(5_000), textBytes: 90_000 } }, 'r');
    const [, ending] = (await toldAgain()).at(-1)!;
    expect([ending.body?.bytes.length, ending.body?.textBytes]).toEqual([0, 90_000]);
  });
});
