import { ManualClock } from '../../../test/support/manual-clock.js';
import type { RenewAnswer } from './gate-answers.js';
import { type Leased, Leases } from './leases.js';

const TIMES = { renewMs: 3_750, fenceMs: 12_000, fenceTickMs: 250 };

describe(Leases.name, () => {
  const clock = new ManualClock();
  let answer: () => Promise<RenewAnswer>;
  let asked: number;
  let leases: Leases;

  const leased = (name: string, id = name) => {
    const told: string[] = [];
    const one: Leased = {
      handOut: { id, turn: 1, holder: `replica#${name}`, begun: true },
      provenAt: clock.now(),
      lost: (why) => void told.push(why),
      renewed: (remainingMs) => void told.push(`has ${remainingMs}`),
    };
    leases.hold(one);
    return { one, told };
  };
  const all = (answered: Partial<RenewAnswer>) => () => Promise.resolve({ lost: [], missing: [], renewed: [], ...answered });

  beforeEach(() => {
    asked = 0;
    answer = () => new Promise(() => undefined);
    leases = new Leases(clock, TIMES, () => {
      asked += 1;
      return answer();
    });
    leases.start();
  });
  afterEach(() => leases.close());

  it('are renewed each quarter of their time, all at once, and only while there are some', async () => {
    await clock.advance(10_000);
    expect(asked).toBe(0);
    const { one, told } = leased('a');
    answer = all({ renewed: [{ holder: 'replica#a', remainingMs: 500 }] });
    await clock.advance(8_000);
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(told).toContain('has 500');
    await clock.advance(20_000);
    expect(leases.isProven(one)).toBe(true);
  });

  it('count from the sending of the last word that passed, not from its answer', async () => {
    const { one, told } = leased('a');
    let pass: (answered: RenewAnswer) => void = () => undefined;
    await clock.advance(5_000);
    const sentAt = clock.now();
    answer = () => new Promise((resolve) => (pass = resolve));
    void leases.renew();
    answer = () => new Promise(() => undefined);
    await clock.advance(3_000);
    pass({ lost: [], missing: [], renewed: [{ holder: 'replica#a', remainingMs: 1 }] });
    await clock.advance(8_900);
    expect([leases.isProven(one), one.provenAt]).toEqual([true, sentAt]);
    await clock.advance(400);
    expect(told.at(-1)).toBe('fenced');
  });

  it('are given up here before others may take them, when no word passes', async () => {
    const { told } = leased('a');
    await clock.advance(11_900);
    expect(told).toEqual([]);
    await clock.advance(400);
    expect(told).toEqual(['fenced']);
    await clock.advance(20_000);
    expect(told).toEqual(['fenced']);
  });

  it('are gone when others have them, and only not renewed when Redis does not know them', async () => {
    const [taken, missing] = [leased('a'), leased('b')];
    answer = all({ lost: ['replica#a'], missing: ['replica#b'] });
    expect(await leases.renew()).toBe(true);
    expect([taken.told, missing.told]).toEqual([['taken'], []]);
    await clock.advance(12_300);
    expect(missing.told).toEqual(['fenced']);
  });

  it('are told apart when two are of one request, since Redis has lost the first', async () => {
    const [first, second] = [leased('a', 'write'), leased('b', 'write')];
    answer = all({ lost: ['replica#b'], renewed: [{ holder: 'replica#a', remainingMs: 500 }] });
    await leases.renew();
    expect([first.told, second.told]).toEqual([['has 500'], ['taken']]);
  });

  it('hear nothing of a renewal that is answered after their end', async () => {
    const [renewed, taken] = [leased('a'), leased('b')];
    let pass: (answered: RenewAnswer) => void = () => undefined;
    answer = () => new Promise((resolve) => (pass = resolve));
    const renewal = leases.renew();
    for (const { one } of [renewed, taken]) leases.drop(one);
    pass({ lost: ['replica#b'], missing: [], renewed: [{ holder: 'replica#a', remainingMs: 1 }] });
    expect(await renewal).toBe(true);
    expect([renewed.told, taken.told]).toEqual([[], []]);
  });

  it('show their age to who wakes up before any timer', () => {
    const { one } = leased('a');
    one.provenAt = clock.now() - TIMES.fenceMs;
    expect(leases.isProven(one)).toBe(false);
  });

  it('say whether Redis heard', async () => {
    answer = () => Promise.reject(new Error('closed'));
    expect(await leases.renew()).toBe(false);
  });
});
