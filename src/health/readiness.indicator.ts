import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { WorkQueue } from '../queue/work-queue.js';
import { SharedState } from '../shared-state/shared-state.js';
import { Lifecycle } from './lifecycle.js';
import { SessionsIndicator } from './sessions.indicator.js';

/** Whether a balancer should send calls here. What lies behind the upstreams is never asked: restarting us would not heal it. */
@Injectable()
export class ReadinessIndicator {
  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly queue: WorkQueue,
    private readonly shared: SharedState,
    private readonly sessions: SessionsIndicator,
    private readonly indicators: HealthIndicatorService,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.indicators.check('bridge');
    const reason = this.obstacle();
    return reason === undefined ? indicator.up() : indicator.down({ reason });
  }

  /** Undefined when ready. */
  obstacle(): string | undefined {
    if (this.lifecycle.draining) return 'draining';
    for (const part of [this.queue.ready(), this.shared.ready()]) if (!part.ok) return part.reason;
    return this.sessions.canServe() ? undefined : 'no upstream session, and none can start';
  }
}
