import { ManualClock } from '../../../test/support/manual-clock.js';
import { Overtime } from './overtime.js';
import { Run } from './run.js';

const TIMES = { answerMs: 500, abortGraceMs: 5_000, neighbourMs: 0 };

describe(Overtime.name, () => {
  const clock = new ManualClock();
  let looks: number;
  let stuck: string[];
  let overtime: Overtime;

  const aRun = (remainingMs: number) => {
    const given = { seq: 1, lane: 'house', kind: 'write', priority: 2, payload: null, attempt: 1, queuedMs: 0, origin: 'r' } as const;
    const key = { id: 'write', turn: 1, holder: 'r#1' };
    const events = { clock, isProven: () => true, journal: () => Promise.resolve(true), lostLease: () => undefined };
    return new Run(
      { ...given, key, remainingMs, holdMs: 2_000, retry: undefined, askedAt: clock.now() },
      { ...events, rescheduled: (run) => overtime.watch(run) },
    );
  };

  beforeEach(() => {
    [looks, stuck] = [0, []];
    overtime = new Overtime(clock, TIMES, {
      look: () => {
        looks += 1;
        return Promise.resolve();
      },
      stuck: (run) => void stuck.push(run.id),
    });
  });

  it('tells a run to end at its deadline, and calls it stuck after its hold and the grace for that', async () => {
    const run = aRun(1_000);
    overtime.watch(run);
    await clock.advance(999);
    expect(looks).toBe(0);
    await clock.advance(1);
    expect([looks, run.aborted]).toEqual([1, 'deadline']);
    await clock.advance(6_999);
    expect(stuck).toEqual([]);
    await clock.advance(1);
    expect(stuck).toEqual([run.id]);
  });

  it('asks nothing about a run that has ended, whatever is told of its deadline afterwards', async () => {
    const run = aRun(1_000);
    overtime.watch(run);
    run.isConcluded = true;
    overtime.forget(run);
    run.renewed(1_000);
    await clock.advance(2_000);
    expect(looks).toBe(0);
  });
});
