import { RestartDelay } from './restart-delay.js';

describe(RestartDelay.name, () => {
  it('doubles while workers end young, up to half a minute, and forgets it after one that lived', () => {
    const delay = new RestartDelay();
    expect([...Array(9).keys()].map(() => delay.next(100))).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect([delay.next(60_000), delay.next(100)]).toEqual([0, 250]);
  });
});
