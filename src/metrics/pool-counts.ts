import { Injectable } from '@nestjs/common';
import { PoolObserver } from '../session-pool/pool-observer.js';
import { BridgeMetrics } from './bridge-metrics.js';

/** Counts what happens to the children. */
@Injectable()
export class PoolCounts extends PoolObserver {
  constructor(private readonly metrics: BridgeMetrics) {
    super();
  }

  override childStarted(upstream: string, outcome: string): void {
    this.metrics.childStarts.inc({ upstream, outcome });
  }

  override childExited(upstream: string, reason: string): void {
    this.metrics.childExits.inc({ upstream, reason });
  }

  override oddity(upstream: string, kind: string): void {
    this.metrics.childProtocolErrors.inc({ upstream, kind });
  }

  override quarantined(upstream: string): void {
    this.metrics.quarantines.inc({ upstream });
  }

  override waitedForSession(upstream: string, waitedMs: number): void {
    this.metrics.sessionWait.observe({ upstream }, waitedMs / 1000);
  }

  override catalogChanged(upstream: string): void {
    this.metrics.catalogChanges.inc({ upstream });
  }
}
