import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config/config.js';
import { UpstreamBreaker } from '../execution/upstream-breaker.js';
import { BridgeMetrics } from './bridge-metrics.js';

/** Shows each upstream's circuit: 0 closed, 1 open; a probe under way still shows 1. */
@Injectable()
export class BreakerGauge implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly breaker: UpstreamBreaker,
    private readonly metrics: BridgeMetrics,
  ) {}

  onModuleInit(): void {
    for (const { name } of this.config.upstreams) this.metrics.circuitBreakerState.set({ upstream: name }, 0);
    this.breaker.onChange(({ server, to }) => {
      this.metrics.circuitBreakerState.set({ upstream: server }, to === 'closed' ? 0 : 1);
      this.metrics.breakerTransitions.inc({ upstream: server, to });
    });
  }
}
