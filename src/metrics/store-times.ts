import { Injectable } from '@nestjs/common';
import { StoreObserver, type StoreOperation } from '../shared-state/store-observer.js';
import { BridgeMetrics } from './bridge-metrics.js';

/** Keeps how long the shared store takes. */
@Injectable()
export class StoreTimes extends StoreObserver {
  constructor(private readonly metrics: BridgeMetrics) {
    super();
  }

  override took(operation: StoreOperation, seconds: number): void {
    this.metrics.sharedStoreTime.observe({ operation }, seconds);
  }
}
