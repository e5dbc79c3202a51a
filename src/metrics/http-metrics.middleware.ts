import type { Request, RequestHandler } from 'express';
import { systemClock } from '../call/clock.js';
import { boundedLabel } from './bounded-label.js';
import type { BridgeMetrics } from './bridge-metrics.js';
import type { Performance } from './performance.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Probes and scrapes are counted, but they do not tell how callers fare. */
const CALLS = '/mcp';

/** Counts and times every request, those that are refused at the door too; to be installed first. */
export function httpMetrics(metrics: BridgeMetrics, performance: Performance): RequestHandler {
  return (request, response, next) => {
    const startedAt = systemClock.now();
    response.on('close', () => {
      const seconds = (systemClock.now() - startedAt) / 1000;
      const endpoint = endpointOf(request);
      const labels = { method: boundedLabel(request.method, METHODS), endpoint };
      metrics.requests.inc(labels);
      metrics.requestDuration.observe(labels, seconds);
      const status = response.writableFinished ? String(response.statusCode) : 'cut';
      metrics.responses.inc({ endpoint, status });
      if (endpoint.startsWith(CALLS)) performance.record(seconds * 1000, status.startsWith('5'));
    });
    next();
  };
}

/** The route's template, known once the router has found one. */
function endpointOf(request: Request): string {
  const route = request.route as { readonly path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'other';
}
