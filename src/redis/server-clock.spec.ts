import { ServerClock } from './server-clock.js';

describe(ServerClock.name, () => {
  const AHEAD_MS = 5000;
  let monotonic: number;

  beforeEach(() => {
    monotonic = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => monotonic);
  });
  afterEach(() => jest.restoreAllMocks());

  /** Answers after each of these trips, split unevenly: the server looks at its clock after `share` of them. */
  function aServer(tripsMs: number[], share = 0.5) {
    return new ServerClock(() => {
      const tripMs = tripsMs.shift() ?? 1;
      const seenMs = monotonic + tripMs * share + AHEAD_MS;
      monotonic += tripMs;
      return Promise.resolve([String(Math.floor(seenMs / 1000)), String((seenMs % 1000) * 1000)]);
    });
  }

  it('is unknown before the first measurement, and then goes on by itself', async () => {
    const clock = aServer([10, 10, 10, 10, 10]);
    expect(clock.now()).toBeUndefined();
    expect(await clock.set(true)).toBe(true);
    expect(clock.now()).toBeCloseTo(monotonic + AHEAD_MS);
    monotonic += 100_000;
    expect(clock.now()).toBeCloseTo(monotonic + AHEAD_MS);
  });

  it('believes the shortest round trip', async () => {
    const clock = aServer([200, 100, 2, 240, 60], 1);
    await clock.set(true);
    expect(clock.now()).toBeCloseTo(monotonic + AHEAD_MS + 1);
  });

  it('is unknown when no round trip to another server is short enough', async () => {
    const clock = aServer([1, 1, 1, 1, 1, 250, 300, 251, 900, 400]);
    expect(await clock.set(true)).toBe(true);
    expect(await clock.set(true)).toBe(false);
    expect(clock.now()).toBeUndefined();
  });

  it('goes on through a busy moment, and not for ever', async () => {
    const clock = aServer([1, 1, 1, 1, 1, ...Array<number>(10).fill(300)]);
    expect(await clock.set(true)).toBe(true);
    expect(await clock.set(false)).toBe(true);
    expect(clock.now()).toBeCloseTo(monotonic + AHEAD_MS);
    monotonic += 300_000;
    expect(await clock.set(false)).toBe(false);
    expect(clock.now()).toBeUndefined();
  });
});
