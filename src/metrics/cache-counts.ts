import { Injectable } from '@nestjs/common';
import { type CacheLevelName, CacheObserver } from '../cache/cache-observer.js';
import { BridgeMetrics } from './bridge-metrics.js';

/** Counts what happens in the cache. */
@Injectable()
export class CacheCounts extends CacheObserver {
  constructor(private readonly metrics: BridgeMetrics) {
    super();
  }

  override hit(level: CacheLevelName): void {
    this.metrics.cacheHits.inc({ level });
  }

  override miss(level: CacheLevelName): void {
    this.metrics.cacheMisses.inc({ level });
  }

  override evicted(reason: 'space' | 'stale'): void {
    this.metrics.cacheEvictions.inc({ reason });
  }

  override invalidated(cause: string): void {
    this.metrics.cacheInvalidations.inc({ cause });
  }
}
