import { ManualClock } from '../../test/support/manual-clock.js';
import { CallAbort } from '../call/call-signal.js';
import type { Outcome } from '../call/outcome.js';
import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import { Replicas } from '../shared-state/replicas.js';
import { OwnerWatch } from './owner-watch.js';

const TIMING = { attempts: 0, queuedMs: 1, ranMs: 0 };
const CANCELLED: Outcome = { state: 'not_started', reason: 'cancelled', ...TIMING };

describe(OwnerWatch.name, () => {
  let caller: CallAbort;
  const watchFor = (session?: string) => {
    const clock = new ManualClock();
    return new OwnerWatch(new Replicas('here', new MemorySharedState(clock), clock), 'owner', session, caller);
  };

  beforeEach(() => {
    caller = new CallAbort();
  });

  it('takes the owner for gone when the queue dropped the call of somebody who waits for it', () => {
    expect(() => watchFor('mine').ended(CANCELLED, 'write')).toThrow(
      expect.objectContaining({ reason: 'session_expired', data: expect.objectContaining({ session_id: 'mine', outcome: 'not_started' }) }),
    );
    expect(() => watchFor().ended(CANCELLED, 'read')).toThrow(expect.objectContaining({ reason: 'no_sessions' }));
  });

  it('leaves the end of a call as it is when its caller left, its time ran out, or nobody can know', () => {
    const watch = watchFor('mine');
    watch.ended({ state: 'not_started', reason: 'queue_timeout', ...TIMING }, 'write');
    watch.ended({ state: 'unknown', reason: 'exit', ...TIMING }, 'write');
    caller.abort();
    watch.ended(CANCELLED, 'write');
    expect(watch.leaving.aborted).toBe(true);
  });
});
