import { Retries } from './retries.js';

describe(Retries.name, () => {
  it('doubles the longest pause with each attempt, up to the maximum', () => {
    const retries = new Retries(9, () => 1);
    expect([1, 2, 3, 4].map((attempts) => retries.next(aRead({ attempts }), 0))).toEqual([200, 400, 800, 1_000]);
  });

  it('takes any part of the pause', () => {
    expect(new Retries(3, () => 0.25).next(aRead({ attempts: 1 }), 0)).toBe(50);
  });

  it('ends with the attempts of the request or the retries of the configuration, whichever is less', () => {
    expect(new Retries(9, () => 0).next(aRead({ attempts: 5 }), 0)).toBeUndefined();
    expect(new Retries(1, () => 0).next(aRead({ attempts: 2 }), 0)).toBeUndefined();
    expect(new Retries(0, () => 0).next(aRead({ attempts: 1 }), 0)).toBeUndefined();
  });

  it('grants a burst of ten, then one retry for five first attempts', () => {
    const retries = new Retries(3, () => 0);
    const grants = () => retries.next(aRead({ attempts: 1 }), 0) !== undefined;
    expect(Array.from({ length: 11 }, grants).filter(Boolean)).toHaveLength(10);
    for (let first = 0; first < 6; first += 1) retries.countFirstAttempt();
    expect([grants(), grants()]).toEqual([true, false]);
  });

  it('grants at once what as many calls need as may be under way together', () => {
    const retries = new Retries(3, () => 0);
    const grants = () => retries.next(aRead({ attempts: 1 }), 0) !== undefined;
    retries.allowFor(64);
    retries.allowFor(4);
    expect(Array.from({ length: 70 }, grants).filter(Boolean)).toHaveLength(64);
  });

  it('spends nothing on a retry that cannot start in time', () => {
    const retries = new Retries(3, () => 1);
    for (let late = 0; late < 20; late += 1) expect(retries.next(aRead({ attempts: 1 }), 9_900)).toBeUndefined();
    expect(retries.next(aRead({ attempts: 1 }), 0)).toBe(200);
  });
});

function aRead({ attempts }: { attempts: number }) {
  const spec = { retry: { attempts: 5, baseMs: 200, maxMs: 1_000 } };
  return { spec, attempts, deadline: 10_000 };
}
