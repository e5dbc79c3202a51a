import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { accessMiddleware } from './access/access.middleware.js';
import { Doorkeeper } from './access/doorkeeper.js';
import { jsonBody } from './access/json-body.middleware.js';
import { isOpen } from './access/open-door.js';
import { guardSockets } from './access/socket-limits.js';
import { AppModule } from './app.module.js';
import { ErrorFilter } from './bridge/error.filter.js';
import { VERSION } from './call/version.js';
import type { Config } from './config/config.js';
import { drainingMiddleware } from './health/draining.middleware.js';
import { Lifecycle } from './health/lifecycle.js';
import { HttpAdapter } from './launch/http-adapter.js';
import { docs } from './launch/openapi.js';
import { BridgeLogger } from './logging/bridge-logger.js';
import { configuredSecrets } from './logging/configured-secrets.js';
import { Redactor } from './logging/redactor.js';
import { BridgeMetrics } from './metrics/bridge-metrics.js';
import { httpMetrics } from './metrics/http-metrics.middleware.js';
import { Performance } from './metrics/performance.js';
import { Replicas } from './shared-state/replicas.js';
import { CallTracer } from './tracing/call-tracer.js';
import { httpTracing } from './tracing/http-tracing.middleware.js';

/**
 * The whole bridge, ready to listen. What a request meets first stands first; the stages behind the routes are the
 * modules of `app.module.ts`.
 * @param secrets values to blank in the log, beside those of the configuration
 */
export async function createApp(config: Config, secrets: readonly string[] = []): Promise<NestExpressApplication> {
  const redactor = new Redactor([...configuredSecrets(config), ...secrets]);
  const logger = new BridgeLogger(config.logging, redactor, { debug: config.bridge.debug });
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config, logger, redactor), new HttpAdapter(), {
    bodyParser: false,
    logger,
    abortOnError: false,
  });
  if (config.redis.url !== undefined) logger.signAs(app.get(Replicas).id);

  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  guardSockets(app.getHttpServer());
  const metrics = app.get(BridgeMetrics);
  metrics.buildInfo.set({ version: VERSION, node: process.version }, 1);
  metrics.authDisabled.set(isOpen(config.access, config.bridge.host) ? 1 : 0);
  metrics.queueLimit.set(config.queue.maxSize);
  metrics.draining.set(0);
  const tracer = app.get<CallTracer | undefined>(CallTracer);
  if (tracer) app.use(httpTracing(tracer));
  app.use(httpMetrics(metrics, app.get(Performance)));
  app.use(drainingMiddleware(app.get(Lifecycle)));
  app.use(accessMiddleware(app.get(Doorkeeper), (reason) => metrics.authFailures.inc({ reason })));
  app.use(jsonBody(config.limits));
  app.use(docs(app));
  app.useGlobalFilters(app.get(ErrorFilter));
  return app;
}
