import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
  type ThrottlerStorage,
} from '@nestjs/throttler';
import type { Request, Response } from 'express';
import { BridgeError } from '../call/bridge-error.js';
import { callerOf } from './caller.js';
import { Doorkeeper } from './doorkeeper.js';
import { RateLimitingConfig } from './rate-limiting.config.js';
import { TokenBuckets } from './token-buckets.js';

/** The throttler's guard with its window counters replaced by a token bucket; `@SkipThrottle()` means what it always does. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    reflector: Reflector,
    private readonly config: RateLimitingConfig,
    private readonly doorkeeper: Doorkeeper,
    private readonly buckets: TokenBuckets,
  ) {
    super(options, storage, reflector);
  }

  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    return Promise.resolve(!this.config.enabled || this.doorkeeper.isProbe(context.switchToHttp().getRequest<Request>()));
  }

  /** @throws BridgeError `rate_limited` */
  protected override async handleRequest({ context }: ThrottlerRequest): Promise<boolean> {
    const http = context.switchToHttp();
    const { capacity, refillPerSecond } = this.buckets.rate;
    const { taken, remaining, retryAfterMs } = await this.buckets.take(callerOf(http.getRequest<Request>()).share);
    const response = http.getResponse<Response>();
    response.setHeader('RateLimit-Limit', capacity);
    response.setHeader('RateLimit-Remaining', remaining);
    response.setHeader('RateLimit-Reset', Math.ceil((capacity - remaining) / refillPerSecond));
    if (taken) return true;
    throw new BridgeError('rate_limited', 'Rate limit exceeded', {
      limit: capacity,
      retry_after_ms: Math.ceil(retryAfterMs),
      outcome: 'not_started',
    });
  }
}
