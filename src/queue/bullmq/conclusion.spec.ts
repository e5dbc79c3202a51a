import type { JobAbort, Verdict } from '../work-queue.js';
import { conclude, type Finished } from './conclusion.js';

const error = { name: 'upstream_unavailable', message: 'away', data: {} } as const;

describe(conclude.name, () => {
  const aRun = (over: Partial<Finished> = {}): Finished => ({ kind: 'read', begun: true, nextPauseMs: () => 5, ...over });
  const aWrite = (over: Partial<Finished> = {}) => aRun({ kind: 'write', ...over });

  it('lets a read have another go, and a write never', () => {
    expect(conclude({ as: 'retry', error }, aRun())).toMatchObject({ as: 'give_back', how: 'retry', delayMs: 5 });
    expect(conclude({ as: 'retry', error }, aWrite())).toMatchObject({ as: 'finish', ending: { state: 'failed', begun: true } });
    expect(conclude({ as: 'unknown', reason: 'lost' }, aRun())).toMatchObject({ as: 'give_back', how: 'retry' });
    expect(conclude({ as: 'unknown', reason: 'lost' }, aWrite())).toEqual({ as: 'finish', ending: { state: 'unknown', reason: 'lost' } });
  });

  it('fails a read whose attempts or budget are used up', () => {
    expect(conclude({ as: 'retry', error }, aRun({ nextPauseMs: () => undefined }))).toMatchObject({ ending: { state: 'failed', error } });
  });

  it.each<[JobAbort, object]>([
    ['draining', { as: 'give_back', how: 'put_back', delayMs: 0 }],
    ['cancelled', { as: 'cancel' }],
    ['deadline', { as: 'finish', ending: { state: 'failed', error: { name: 'deadline_passed' } } }],
    ['lease_lost', { as: 'give_back', how: 'retry' }],
  ])('knows what becomes of a read that was told to end by %s', (aborted, expected) => {
    expect(conclude({ as: 'retry', error }, aRun({ aborted }))).toMatchObject(expected);
  });

  it('puts back a write too, when no byte has left', () => {
    const verdict: Verdict = { as: 'put_back', reason: 'no_session', afterMs: 50 };
    expect(conclude(verdict, aWrite())).toMatchObject({ as: 'give_back', how: 'put_back', delayMs: 50 });
  });

  it('takes a throw for a failure, but for a write that had begun', () => {
    expect(conclude({ as: 'crashed' }, aRun())).toMatchObject({ ending: { state: 'failed', begun: true } });
    expect(conclude({ as: 'crashed' }, aWrite({ begun: false }))).toMatchObject({ ending: { state: 'failed', begun: false } });
    expect(conclude({ as: 'crashed' }, aWrite())).toMatchObject({ ending: { state: 'unknown' } });
  });
});
