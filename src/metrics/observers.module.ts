import { Global, Module } from '@nestjs/common';
import { CacheObserver } from '../cache/cache-observer.js';
import { QueueObserver } from '../queue/queue-observer.js';
import { PoolObserver } from '../session-pool/pool-observer.js';
import { CacheCounts } from './cache-counts.js';
import { PoolCounts } from './pool-counts.js';
import { QueueFigures } from './queue-figures.js';

/** Gives the stages somebody to tell what happens in them. */
@Global()
@Module({
  providers: [
    QueueFigures,
    { provide: QueueObserver, useExisting: QueueFigures },
    { provide: PoolObserver, useClass: PoolCounts },
    { provide: CacheObserver, useClass: CacheCounts },
  ],
  exports: [QueueFigures, QueueObserver, PoolObserver, CacheObserver],
})
export class ObserversModule {}
