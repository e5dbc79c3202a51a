import { Global, Module } from '@nestjs/common';
import { CacheObserver } from '../cache/cache-observer.js';
import { QueueObserver } from '../queue/queue-observer.js';
import { PoolObserver } from '../session-pool/pool-observer.js';
import { StoreObserver } from '../shared-state/store-observer.js';
import { BreakerCounts } from './breaker-counts.js';
import { CacheCounts } from './cache-counts.js';
import { PoolCounts } from './pool-counts.js';
import { QueueFigures } from './queue-figures.js';
import { StoreTimes } from './store-times.js';

/** Listens to the stages: they tell what happens in them, and know nothing of metrics. */
@Global()
@Module({
  providers: [
    BreakerCounts,
    QueueFigures,
    { provide: QueueObserver, useExisting: QueueFigures },
    { provide: PoolObserver, useClass: PoolCounts },
    { provide: CacheObserver, useClass: CacheCounts },
    { provide: StoreObserver, useClass: StoreTimes },
  ],
  exports: [QueueFigures, QueueObserver, PoolObserver, CacheObserver, StoreObserver],
})
export class ObserversModule {}
