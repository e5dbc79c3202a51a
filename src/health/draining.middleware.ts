import type { RequestHandler } from 'express';
import type { Lifecycle } from './lifecycle.js';

/** While this process leaves, every answer asks its client to take the next request elsewhere. */
export function drainingMiddleware(lifecycle: Lifecycle): RequestHandler {
  return (_request, response, next) => {
    if (lifecycle.draining) response.setHeader('Connection', 'close');
    next();
  };
}
