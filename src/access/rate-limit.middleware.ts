import type { RequestHandler, Response } from 'express';
import { BridgeError } from '../call/bridge-error.js';
import type { TokenGrant, TokenRate } from '../shared-state/shared-state.js';
import { callerOf } from './caller.js';
import type { Doorkeeper } from './doorkeeper.js';
import type { TokenBuckets } from './token-buckets.js';

const SCRAPE = '/metrics';

/** Takes a token for every request but probes and scrapes. To be installed behind the door, which knows whose bucket it is. */
export function rateLimit(doorkeeper: Doorkeeper, buckets: TokenBuckets): RequestHandler {
  return (request, response, next) => {
    if (doorkeeper.isProbe(request) || request.path === SCRAPE) {
      next();
      return;
    }
    buckets.take(callerOf(request).share).then((grant) => {
      tell(response, buckets.rate, grant);
      next(grant.taken ? undefined : refusal(buckets.rate, grant));
    }, next);
  };
}

function tell(response: Response, { capacity, refillPerSecond }: TokenRate, { remaining }: TokenGrant): void {
  response.setHeader('RateLimit-Limit', capacity);
  response.setHeader('RateLimit-Remaining', remaining);
  response.setHeader('RateLimit-Reset', Math.ceil((capacity - remaining) / refillPerSecond));
}

function refusal({ capacity }: TokenRate, { retryAfterMs }: TokenGrant): BridgeError {
  return new BridgeError('rate_limited', 'Rate limit exceeded', {
    limit: capacity,
    retry_after_ms: Math.ceil(retryAfterMs),
    outcome: 'not_started',
  });
}
