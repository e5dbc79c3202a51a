import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Config } from '../config/config.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { PortStatus } from './port-status.js';

/** The MCP sessions of all upstreams together, on all workers of our port. */
@Injectable()
export class SessionsIndicator {
  constructor(
    private readonly config: Config,
    private readonly pool: SessionPool,
    private readonly port: PortStatus,
    private readonly indicators: HealthIndicatorService,
  ) {}

  check(): HealthIndicatorResult {
    const upstreams = this.config.upstreams.map(({ name }) => this.port.of(name));
    const parts = upstreams.flat();
    const indicator = this.indicators.check('mcp_sessions');
    const counts = {
      healthy_count: parts.reduce((sum, { ready }) => sum + ready, 0),
      total_count: parts.reduce((sum, { total }) => sum + total, 0),
    };
    if (upstreams.every((workers) => workers.some(({ ready }) => ready > 0))) return indicator.up(counts);
    return counts.healthy_count > 0 || parts.some(({ canStart }) => canStart) ? indicator.degraded(counts) : indicator.down(counts);
  }

  /** Whether any call could be served now or after a start. */
  canServe(): boolean {
    return this.config.upstreams.some(({ name }) => {
      const { ready, canStart } = this.pool.status(name);
      return ready > 0 || canStart;
    });
  }
}
