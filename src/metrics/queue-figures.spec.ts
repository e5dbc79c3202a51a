import type { QueueStats } from '../queue/work-queue.js';
import { BridgeMetrics } from './bridge-metrics.js';
import { QueueFigures } from './queue-figures.js';
import { QueueSample } from './queue-sample.js';

describe(QueueFigures.name, () => {
  it('tells why an ending is unknown in words that are known beforehand', () => {
    const metrics = new BridgeMetrics();
    const counted = jest.spyOn(metrics.queueSettled, 'inc');
    const figures = new QueueFigures(metrics);
    for (const why of ['exit', 'whatever an upstream likes to say', ''])
      figures.observe({ is: 'settled', kind: 'write', priority: 2, state: 'unknown', why, waitedMs: 0, ranMs: 0 });
    expect(counted.mock.calls.map(([{ why }]) => why)).toEqual(['exit', 'other', '']);
  });

  it('knows of the most that ever waited, also between two scrapes', async () => {
    const figures = new QueueFigures(new BridgeMetrics());
    const sample = new QueueSample({ stats: () => Promise.resolve({ waiting: 3 } as QueueStats) }, figures);
    for (const waiting of [1, 9, 2]) figures.observe({ is: 'accepted', how: 'queued', priority: 2, waiting });
    expect(await sample.mostWaiting()).toBe(9);
  });
});
