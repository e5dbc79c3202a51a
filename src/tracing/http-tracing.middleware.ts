import type { Request, RequestHandler } from 'express';
import type { CallTracer } from './call-tracer.js';

/** Probes and scrapes would fill every trace store and tell nothing. */
const CALLS = /^\/mcp(\/|$)/;
const OUR_FAULT = 500;

/** Follows every request for a tool from its first byte to its last, those that are refused at the door too. */
export function httpTracing(tracer: CallTracer): RequestHandler {
  return (request, response, next) => {
    if (!CALLS.test(request.path)) {
      next();
      return;
    }
    const { method } = request;
    const trace = tracer.received(request, method);
    response.on('close', () => {
      const route = routeOf(request);
      const { statusCode } = response;
      const failure = response.writableFinished ? (statusCode >= OUR_FAULT ? String(statusCode) : undefined) : 'cut';
      const facts = { 'http.response.status_code': statusCode, ...(route !== undefined && { 'http.route': route }) };
      trace.end(failure, facts, route === undefined ? method : `${method} ${route}`);
    });
    next();
  };
}

/** The template, known once the router has found one. */
function routeOf({ route }: Request): string | undefined {
  const { path } = (route ?? {}) as { readonly path?: unknown };
  return typeof path === 'string' ? path : undefined;
}
