import { Controller, Get, HttpStatus, Res, ServiceUnavailableException, type Type } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { type HealthCheckResult, HealthCheckService, type HealthIndicatorResult } from '@nestjs/terminus';
import { SkipThrottle } from '@nestjs/throttler';
import type { Response } from 'express';
import { ReadinessIndicator } from './readiness.indicator.js';
import { SessionsIndicator } from './sessions.indicator.js';
import { UpstreamsIndicator } from './upstreams.indicator.js';

const WORDS = { up: 'ok', degraded: 'degraded', down: 'error' } as const;

/** The page for people and the two probes for orchestrators, below the path that the operator chose. */
export function healthControllerAt(path: string): Type {
  @ApiTags('health')
  @SkipThrottle()
  @Controller(path)
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly upstreams: UpstreamsIndicator,
      private readonly sessions: SessionsIndicator,
      private readonly readiness: ReadinessIndicator,
    ) {}

    @Get()
    @ApiOperation({ summary: 'Health of the bridge and of what it depends on' })
    @ApiOkResponse({ description: 'Every dependency is ok or degraded' })
    @ApiServiceUnavailableResponse({ description: 'A dependency is in error' })
    async report(@Res({ passthrough: true }) response: Response): Promise<object> {
      const { details, healthy } = await this.check([...this.upstreams.checks(), () => this.sessions.check()]);
      if (!healthy) response.status(HttpStatus.SERVICE_UNAVAILABLE);
      const dependencies = Object.entries(details).map(
        ([name, { status, ...rest }]) => [name, { status: WORDS[status], ...(rest as object) }] as const,
      );
      return {
        status: healthy ? 'healthy' : 'unhealthy',
        timestamp: new Date().toISOString(),
        dependencies: Object.fromEntries(dependencies),
      };
    }

    @Get('live')
    @ApiOperation({ summary: 'The process answers' })
    live(): object {
      return { status: 'ok' };
    }

    @Get('ready')
    @ApiOperation({ summary: 'The process accepts calls' })
    @ApiOkResponse({ description: 'Ready' })
    @ApiServiceUnavailableResponse({ description: 'Not ready, and why' })
    async ready(@Res({ passthrough: true }) response: Response): Promise<object> {
      const { details, healthy } = await this.check([() => this.readiness.check()]);
      if (!healthy) response.status(HttpStatus.SERVICE_UNAVAILABLE);
      return { status: healthy ? 'ok' : 'error', ...details };
    }

    private async check(indicators: (() => HealthIndicatorResult)[]): Promise<{ details: HealthIndicatorResult; healthy: boolean }> {
      try {
        return { details: (await this.health.check(indicators)).details, healthy: true };
      } catch (error) {
        if (!(error instanceof ServiceUnavailableException)) throw error;
        return { details: (error.getResponse() as HealthCheckResult).details, healthy: false };
      }
    }
  }
  return HealthController;
}
