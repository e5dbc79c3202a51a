import { BridgeError } from '../call/bridge-error.js';
import type { QueueStats } from '../queue/work-queue.js';
import { WaitingLine } from './waiting-line.js';

const stats = { waiting: 12, avgRunMs: 100, lanes: { ha: { waiting: 8, running: 2, slots: 4 } } } as unknown as QueueStats;
const aLine = (answer: Promise<QueueStats> = Promise.resolve(stats)) => new WaitingLine({ stats: () => answer } as never);

describe(WaitingLine.name, () => {
  it.each(['draining', 'no_sessions'] as const)('tells who is refused as %s how long the line is', async (reason) => {
    const error = new BridgeError(reason, 'no', { outcome: 'not_started' });
    expect(await aLine().explain(error, 'ha')).toMatchObject({
      reason,
      data: { outcome: 'not_started', queue_size: 12, estimated_wait_ms: 200 },
    });
  });

  it('leaves the figures open when the queue cannot be asked', async () => {
    const error = new BridgeError('no_sessions', 'no');
    expect(await aLine(Promise.reject(new Error('away'))).explain(error, 'ha')).toMatchObject({
      data: { queue_size: null, estimated_wait_ms: null },
    });
  });

  it('does not ask a queue whose store has just not answered', async () => {
    const never = new Promise<QueueStats>(() => undefined);
    expect(await aLine(never).explain(new BridgeError('store_away', 'no'), 'ha')).toMatchObject({
      data: { queue_size: null, estimated_wait_ms: null },
    });
  });

  it('leaves alone what is no refusal of ours, and what the queue itself has said', async () => {
    const full = new BridgeError('queue_full', 'full', { queue_size: 1, estimated_wait_ms: 2 });
    const others = [full, new BridgeError('forbidden', 'no'), new Error('bug')];
    expect(await Promise.all(others.map((error) => aLine().explain(error, 'ha')))).toEqual(others);
  });
});
