import fc from 'fast-check';
import { bootSize, type Census, grownSize, scaledSize, shrunkSize, startsNow } from './pool-size.js';
import { SessionPoolConfig } from './session-pool.config.js';

const config = new SessionPoolConfig();
const fixed = Object.assign(new SessionPoolConfig(), { autoScale: false });
const busy = { waiting: 100, ready: 4, avgResponseMs: 2000 };
const census: Census = { wanted: 5, spares: 1, usable: 2, starting: 0, alive: 2, max: 10, mayFollow: true, failuresInARow: 0 };

describe('pool size', () => {
  it('boots with the minimum, or with the target when it may not move', () => {
    expect(bootSize(config)).toBe(2);
    expect(bootSize(fixed)).toBe(5);
  });

  it.each([
    [4, 6],
    [5, 8],
    [8, 10],
    [10, 10],
  ])('scales %i sessions to %i under load', (size, expected) => {
    expect(scaledSize(size, busy, config)).toBe(expected);
  });

  it.each([
    ['exactly two calls wait for each session', { ...busy, waiting: 8 }],
    ['answers take exactly a second', { ...busy, avgResponseMs: 1000 }],
  ])('stays when %s', (_when, load) => {
    expect(scaledSize(4, load, config)).toBe(4);
  });

  it('grows for a call without room up to the target, and never shrinks by it', () => {
    expect([2, 4, 5, 8].map((size) => grownSize(size, config))).toEqual([3, 5, 5, 8]);
  });

  it('shrinks to the minimum and no further', () => {
    expect([5, 3, 2, 1].map((size) => shrunkSize(size, config))).toEqual([4, 2, 2, 1]);
    expect(shrunkSize(5, fixed)).toBe(5);
  });

  it.each<[string, Partial<Census>, number]>([
    ['all that are missing', {}, 4],
    ['no more than there is room for', { max: 4 }, 2],
    ['one, as the first', { usable: 0, alive: 0 }, 1],
    ['none beside a first that is starting', { usable: 0, alive: 0, starting: 1 }, 0],
    ['none while the first has its doubts', { mayFollow: false }, 0],
    ['one after a failure', { failuresInARow: 1 }, 1],
    ['none beside an attempt after a failure', { failuresInARow: 1, starting: 1 }, 0],
  ])('starts %s', (_what, change, expected) => {
    expect(startsNow({ ...census, ...change })).toBe(expected);
  });

  it('never starts beyond the maximum', () => {
    const counts = fc.record({
      wanted: fc.nat(20),
      spares: fc.nat(4),
      usable: fc.nat(10),
      starting: fc.nat(10),
      alive: fc.nat(10),
      max: fc.integer({ min: 1, max: 20 }),
      mayFollow: fc.boolean(),
      failuresInARow: fc.nat(6),
    });
    fc.assert(
      fc.property(counts, (given) => {
        const starts = startsNow(given);
        expect(starts).toBeGreaterThanOrEqual(0);
        if (starts > 0) expect(given.alive + given.starting + starts).toBeLessThanOrEqual(given.max);
      }),
    );
  });
});
