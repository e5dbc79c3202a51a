import type { QueueStats } from '../queue/work-queue.js';
import { BridgeMetrics } from './bridge-metrics.js';
import { QueueFigures } from './queue-figures.js';
import { QueueSample } from './queue-sample.js';

describe(QueueFigures.name, () => {
  it('knows of the most that ever waited, also between two scrapes', async () => {
    const figures = new QueueFigures(new BridgeMetrics());
    const sample = new QueueSample({ stats: () => Promise.resolve({ waiting: 3 } as QueueStats) }, figures);
    for (const waiting of [1, 9, 2]) figures.observe({ is: 'accepted', how: 'queued', priority: 2, waiting });
    expect(await sample.mostWaiting()).toBe(9);
  });
});
