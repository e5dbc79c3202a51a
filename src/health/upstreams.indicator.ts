import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { JsonObject } from '../call/json.js';
import { Config } from '../config/config.js';
import { Policy } from '../policy/policy.js';
import { PortStatus } from './port-status.js';
import type { WorkerPart } from './worker-part.js';

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

/**
 * A dependency per upstream, under its label: its own health resource where it has one, else its sessions. What only some
 * workers of our port have lost is degraded: the others take their calls.
 */
@Injectable()
export class UpstreamsIndicator {
  constructor(
    private readonly config: Config,
    private readonly policy: Policy,
    private readonly port: PortStatus,
    private readonly indicators: HealthIndicatorService,
  ) {}

  checks(): (() => HealthIndicatorResult)[] {
    return this.config.upstreams.map(
      ({ name }) =>
        () =>
          this.check(this.policy.of(name).label, this.port.of(name)),
    );
  }

  private check(label: string, workers: readonly WorkerPart[]): HealthIndicatorResult {
    const indicator = this.indicators.check(label);
    const told = workers.flatMap(({ health }) => (health ? [health] : []));
    const [first] = told;
    if (first) return fromResource(indicator, told.find(isTrouble) ?? first, told.every(isTrouble));
    if (workers.some(({ ready }) => ready > 0)) return indicator.up();
    return workers.every(({ hasFailed }) => hasFailed) ? indicator.down({ error: 'Not started' }) : indicator.degraded();
  }
}

function isTrouble({ status }: JsonObject): boolean {
  return status !== 'ok' && status !== 'starting';
}

function fromResource(indicator: ReturnType<HealthIndicatorService['check']>, health: JsonObject, isDown: boolean): HealthIndicatorResult {
  const { status, response_time_ms: responseTime, last_success: lastSuccess } = health;
  const measured: Record<string, unknown> = typeof responseTime === 'number' ? { response_time_ms: responseTime } : {};
  if (status === 'ok') return indicator.up(measured);
  if (status === 'starting') return indicator.degraded(measured);
  const error = KNOWN_ERRORS.find((known) => known === health.error) ?? 'Connection lost';
  const details = { error, ...(typeof lastSuccess === 'string' && { last_success: lastSuccess }) };
  return isDown ? indicator.down(details) : indicator.degraded(details);
}
