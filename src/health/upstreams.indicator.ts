import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { JsonObject } from '../call/json.js';
import { Config } from '../config/config.js';
import { Policy } from '../policy/policy.js';
import { SessionPool, type UpstreamStatus } from '../session-pool/session-pool.js';

/** The only words in which this open page tells what is wrong: no text of an upstream passes. */
const KNOWN_ERRORS = [
  'Connection timeout',
  'Connection refused',
  'Connection lost',
  'Connection failed',
  'Host not found',
  'Host unreachable',
  'Certificate refused',
  'Answer too large',
  'Access token refused',
  'Address banned',
  'Not configured',
];

/** A dependency per upstream, under its label: its own health resource where it has one, else its sessions. */
@Injectable()
export class UpstreamsIndicator {
  constructor(
    private readonly config: Config,
    private readonly policy: Policy,
    private readonly pool: SessionPool,
    private readonly indicators: HealthIndicatorService,
  ) {}

  checks(): (() => HealthIndicatorResult)[] {
    return this.config.upstreams.map(
      ({ name }) =>
        () =>
          this.check(this.policy.of(name).label, this.pool.status(name)),
    );
  }

  private check(label: string, { health, ready, failure }: UpstreamStatus): HealthIndicatorResult {
    const indicator = this.indicators.check(label);
    if (health) return fromResource(indicator, health);
    if (ready > 0) return indicator.up();
    return failure ? indicator.down({ error: 'Not started' }) : indicator.degraded();
  }
}

function fromResource(indicator: ReturnType<HealthIndicatorService['check']>, health: JsonObject): HealthIndicatorResult {
  const { status, response_time_ms: responseTime, last_success: lastSuccess } = health;
  const measured: Record<string, unknown> = typeof responseTime === 'number' ? { response_time_ms: responseTime } : {};
  if (status === 'ok') return indicator.up(measured);
  if (status === 'starting') return indicator.degraded(measured);
  const error = KNOWN_ERRORS.find((known) => known === health.error) ?? 'Connection lost';
  return indicator.down({ error, ...(typeof lastSuccess === 'string' && { last_success: lastSuccess }) });
}
