import { ManualClock } from '../../../test/support/manual-clock.js';
import { read } from '../../../test/support/work-queue-kit.js';
import { Caller } from './caller.js';
import { WaitingCallers } from './waiting-callers.js';

describe(WaitingCallers.name, () => {
  const clock = new ManualClock();
  const nobody = { expired: () => undefined, left: () => undefined };
  const timing = { attempts: 1, queuedMs: 0, ranMs: 0 };
  const reply = (id: string, seq: number) => ({ id, seq, ending: { state: 'done', result: seq } as const, timing });
  let callers: WaitingCallers;

  const caller = (id: string) => {
    const one = new Caller(id, read({ budgetMs: 1_000 }), new AbortController().signal, clock, nobody);
    callers.expect(one);
    return one;
  };

  beforeEach(() => {
    callers = new WaitingCallers();
  });

  it('keep a reply that overtakes the acceptance it belongs to', async () => {
    const one = caller('a');
    callers.settle(reply('a', 7));
    expect(one.isAnswered).toBe(false);
    callers.accepted(one, 7);
    expect(await one.outcome).toMatchObject({ state: 'done', result: 7 });
    expect(callers.of('a')).toEqual([]);
  });

  it('do not take the reply to an earlier request of the same name for theirs', async () => {
    const one = caller('a');
    callers.settle(reply('a', 3));
    callers.accepted(one, 7);
    expect(one.isAnswered).toBe(false);
    callers.settle(reply('a', 7));
    expect(await one.outcome).toMatchObject({ result: 7 });
  });

  it('are all answered by one reply, with copies of their own', async () => {
    const both = [caller('a'), caller('a')];
    for (const one of both) callers.accepted(one, 1);
    callers.settle({ ...reply('a', 1), ending: { state: 'done', result: { lit: true } } });
    const [first, second] = await Promise.all(both.map(({ outcome }) => outcome));
    expect(first).toEqual(second);
    expect(first && 'result' in first && first.result).not.toBe(second && 'result' in second && second.result);
  });

  it('are overdue once they have waited long enough for an accepted request', async () => {
    const one = caller('a');
    caller('on its way');
    callers.accepted(one, 1);
    expect(callers.overdue(500)).toEqual([]);
    await clock.advance(500);
    expect(callers.overdue(500)).toEqual(['a']);
  });
});
