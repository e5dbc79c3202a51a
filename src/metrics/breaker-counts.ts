import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UpstreamBreaker } from '../execution/upstream-breaker.js';
import { BridgeMetrics } from './bridge-metrics.js';

/** Counts what circuits do. */
@Injectable()
export class BreakerCounts implements OnModuleInit {
  constructor(
    private readonly breaker: UpstreamBreaker,
    private readonly metrics: BridgeMetrics,
  ) {}

  onModuleInit(): void {
    this.breaker.onChange(({ server, to }) => this.metrics.breakerTransitions.inc({ upstream: server, to }));
  }
}
