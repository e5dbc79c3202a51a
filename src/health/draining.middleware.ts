import type { RequestHandler } from 'express';
import type { Lifecycle } from './lifecycle.js';

/**
 * While this process leaves, every answer asks its client to take the next request elsewhere: also the answers to calls
 * that came before, since one that takes longer than the delay may be the last on its connection.
 */
export function drainingMiddleware(lifecycle: Lifecycle): RequestHandler {
  return (_request, response, next) => {
    const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => typeof response;
    response.writeHead = (...head: unknown[]) => {
      if (lifecycle.draining) response.setHeader('Connection', 'close');
      return writeHead(...head);
    };
    next();
  };
}
