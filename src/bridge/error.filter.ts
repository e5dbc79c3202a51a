import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Optional } from '@nestjs/common';
import type { Request, Response } from 'express';
import { BRIDGE_ERRORS, BridgeError } from '../call/bridge-error.js';
import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import { CallTracer } from '../tracing/call-tracer.js';
import { isId } from './call-body.js';
import { TOKEN_PATTERN } from './call-params.dto.js';
import { KnownRoutes } from './known-routes.js';

/** Whoever is told that we are busy is told when to come back. */
const BUSY = BRIDGE_ERRORS.queue_full.code;

/** The one place where an error becomes an answer. What is not a BridgeError is a bug: logged once, told without details. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly routes: KnownRoutes,
    private readonly logger: BridgeLogger,
    private readonly metrics: BridgeMetrics,
    @Optional() private readonly tracer?: CallTracer,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const requestId = requestIdOf(request);
    const error = this.bridgeErrorOf(exception, request);
    if (error.reason === 'internal_error')
      this.logger.event('ERROR', 'A request failed for a reason of our own', {
        request_id: requestId,
        trace_id: this.tracer?.of(request)?.traceId,
        error: error.cause ?? error,
      });
    if (!response.destroyed) this.count(error);
    if (response.headersSent) {
      // Half an answer is out already: cutting it is the only way left to say that it is not whole.
      response.destroy();
      return;
    }
    setHeaders(response, error, requestId);
    response.status(BRIDGE_ERRORS[error.reason].http).json(envelope(error, idOf(request.body), requestId));
  }

  private bridgeErrorOf(exception: unknown, request: Request): BridgeError {
    if (exception instanceof BridgeError) return exception;
    const status = statusOf(exception);
    if (status === 404) return this.notFound(request);
    if (status === 413) return new BridgeError('too_large', 'The request is too large', {}, { cause: exception });
    if (status >= 400 && status < 500)
      return new BridgeError('invalid_request', 'The request could not be understood', { outcome: 'not_started' }, { cause: exception });
    return new BridgeError('internal_error', 'Internal error', mayWrite(request) ? { outcome: 'unknown' } : {}, { cause: exception });
  }

  private notFound(request: Request): BridgeError {
    const allow = this.routes.methodsOf(request.path);
    const where = { method: request.method, path: request.path.slice(0, 256) };
    if (allow.length === 0) return new BridgeError('method_not_found', 'There is no such route', { ...where, outcome: 'not_started' });
    return new BridgeError('method_not_allowed', `This route answers to ${allow.join(', ')}`, { ...where, allow, outcome: 'not_started' });
  }

  private count({ reason }: BridgeError): void {
    const isOurs = BRIDGE_ERRORS[reason].http >= 500;
    const severity = reason === 'internal_error' ? 'critical' : isOurs ? 'error' : 'warning';
    this.metrics.errors.inc({ type: reason, severity });
    if (reason === 'rate_limited') this.metrics.rateLimitExceeded.inc({});
  }
}

/** Nobody knows how far a bug let it come. */
function mayWrite({ method }: Request): boolean {
  return method === 'POST';
}

/** Of Nest's own exceptions, and of the router's, which only carry a number. */
function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  const status: unknown = exception instanceof Error && 'status' in exception ? exception.status : undefined;
  return typeof status === 'number' ? status : 500;
}

/** The caller's own id where it may stand in a header and a log line as it is, else a fresh one. */
function requestIdOf({ headers, body }: Request): string {
  const said: unknown = headers['x-request-id'] ?? requestIdIn(body) ?? (isJsonObject(body) ? requestIdIn(body.params) : undefined);
  return typeof said === 'string' && TOKEN_PATTERN.test(said) ? said : randomUUID();
}

function requestIdIn(mapping: unknown): Json | undefined {
  return isJsonObject(mapping) ? mapping.request_id : undefined;
}

function setHeaders(response: Response, { reason, code, data }: BridgeError, requestId: string): void {
  response.setHeader('X-Request-ID', requestId);
  if (reason === 'unauthorized') response.setHeader('WWW-Authenticate', 'Bearer realm="http-mcp-bridge"');
  if (Array.isArray(data.allow)) response.setHeader('Allow', data.allow.join(', '));
  const waitMs = data.retry_after_ms ?? (code === BUSY ? (data.estimated_wait_ms ?? 1000) : undefined);
  if (typeof waitMs === 'number') response.setHeader('Retry-After', Math.max(1, Math.ceil(waitMs / 1000)));
}

function envelope({ code, message, data }: BridgeError, id: Json, requestId: string): JsonObject {
  return {
    jsonrpc: '2.0',
    id,
    error: { code, message, data },
    bridge_info: { timestamp: new Date().toISOString(), request_id: requestId },
  };
}

function idOf(body: unknown): Json {
  const id = isJsonObject(body) ? body.id : null;
  return isId(id) ? id : null;
}
