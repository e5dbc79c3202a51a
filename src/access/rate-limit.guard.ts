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
import { TokenBuckets } from './token-buckets.js';

/**
 * The throttler's guard with its window counters replaced by a token bucket. The throttler is asked once what the
 * decorators say of a route: asking costs several times as much as a token.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  private readonly isLimited = new WeakMap<object, boolean>();

  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    reflector: Reflector,
    private readonly buckets: TokenBuckets,
  ) {
    super(options, storage, reflector);
  }

  /** @throws BridgeError `rate_limited` */
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const route = context.getHandler();
    const isLimited = this.isLimited.get(route);
    if (isLimited !== undefined) return !isLimited || this.take(context);
    const allowed = await super.canActivate(context);
    if (!this.isLimited.has(route)) this.isLimited.set(route, false);
    return allowed;
  }

  /** Only asked for routes that are limited. */
  protected override handleRequest({ context }: ThrottlerRequest): Promise<boolean> {
    this.isLimited.set(context.getHandler(), true);
    return this.take(context);
  }

  private async take(context: ExecutionContext): Promise<boolean> {
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
