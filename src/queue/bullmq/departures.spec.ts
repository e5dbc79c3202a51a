import { write } from '../../../test/support/work-queue-kit.js';
import { type Clock, systemClock } from '../../call/clock.js';
import { Caller } from './caller.js';
import { CLUSTER_TIMES } from './cluster-times.js';
import { type DepartureEvents, Departures } from './departures.js';
import { Doubt } from './doubt.js';
import type { Settlement } from './gate-answers.js';
import type { Gate } from './gate.js';
import { WaitingCallers } from './waiting-callers.js';

const NEVER = new Promise<never>(() => undefined);
const nothing = () => undefined;

describe(Departures.name, () => {
  it.each([
    ['is of an earlier request of its name', 'deadline', () => Promise.resolve()],
    ['cannot be had', 'store_away', () => NEVER],
  ])('answer a caller whose time is over though the record %s', async (_what, reason, over) => {
    const settlement = { id: 'x', seq: 1, state: 'done' } as Settlement;
    const callers = new WaitingCallers();
    const gate = { leave: () => Promise.resolve({ as: 'settled', settlement }) } as unknown as Gate;
    const on: DepartureEvents = { effects: nothing, over, withdrawn: nothing, hasBegun: () => false, overdue: () => NEVER };
    const departures = new Departures(gate, callers, { answerMs: 50 }, on);
    const caller = new Caller('x', write('house/a', { budgetMs: 20 }), new AbortController().signal, systemClock, departures);
    callers.expect(caller);
    callers.accepted(caller, 1_000);
    expect(await caller.outcome).toMatchObject({ state: 'unknown', reason });
  });

  it('hear of one who had left before it was brought', () => {
    const caller = new Caller('x', write('house/a'), AbortSignal.abort(), systemClock, { expired: nothing, left: nothing });
    expect(caller.present).toBe(false);
    caller.dismiss();
  });
});

describe(Doubt.name, () => {
  it('asks nobody before what was sent last can no longer pass', async () => {
    let now = 0;
    const clock: Clock = { now: () => now, after: () => nothing };
    const caller = new Caller('x', write('house/a'), new AbortController().signal, clock, { expired: nothing, left: nothing });
    now = 1_200;
    caller.sent('e');
    const sentAt = performance.now();
    let askedAt = 0;
    const peek = () => {
      askedAt = performance.now();
      return Promise.resolve({ epoch: 'e', settled: [], missing: ['x'], open: [], conflicting: [] });
    };
    const doubt = new Doubt({ peek } as unknown as Gate, { ...CLUSTER_TIMES, doubtMs: 200 });
    expect(await doubt.resolve(caller)).toEqual({ as: 'absent' });
    expect(askedAt - sentAt).toBeGreaterThan(150);
  });
});
