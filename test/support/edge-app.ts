import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { SkipThrottle } from '@nestjs/throttler';
import { All, Controller, Get, Global, Module, type NestApplicationOptions, Post, Req, type Type } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import { AccessModule } from '../../src/access/access.module.js';
import { accessMiddleware } from '../../src/access/access.middleware.js';
import { callerOf } from '../../src/access/caller.js';
import { Doorkeeper } from '../../src/access/doorkeeper.js';
import { jsonBody } from '../../src/access/json-body.middleware.js';
import { ErrorFilter } from '../../src/bridge/error.filter.js';
import { KnownRoutes } from '../../src/bridge/known-routes.js';
import { BridgeError, type BridgeErrorName } from '../../src/call/bridge-error.js';
import type { JsonObject } from '../../src/call/json.js';
import { Config } from '../../src/config/config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { BridgeLogger } from '../../src/logging/bridge-logger.js';
import { BridgeMetrics } from '../../src/metrics/bridge-metrics.js';
import { httpMetrics } from '../../src/metrics/http-metrics.middleware.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { Performance } from '../../src/metrics/performance.js';
import { Replicas } from '../../src/shared-state/replicas.js';
import { SharedState } from '../../src/shared-state/shared-state.js';
import { FakeTokens } from './fake-tokens.js';

/** Stands in for the routes of the bridge: tells who was let in and what arrived. */
@Controller()
class EchoController {
  @Post('mcp/tools/call')
  echo(@Req() request: Request) {
    const { principal, address, maxPriority } = callerOf(request);
    return { principal, address, maxPriority, body: (request.body as unknown) ?? null };
  }

  @Post('mcp/fail/:name')
  fail(@Req() request: Request<{ name: string }>) {
    if (request.params.name === 'bug') throw new Error('a secret detail');
    throw new BridgeError(request.params.name as BridgeErrorName, 'It failed', request.body as JsonObject);
  }

  @SkipThrottle()
  @Get(['health', 'health/live', 'health/ready'])
  health() {
    return { status: 'healthy' };
  }

  @All('mcp/any')
  any() {
    return {};
  }
}

export interface Edge {
  readonly port: number;
  readonly tokens: FakeTokens;
  readonly logged: { readonly level: string; readonly message: string; readonly fields: unknown }[];
  get<T>(type: Type<T> | (abstract new (...args: never[]) => T)): T;
  send(
    method: string,
    path: string,
    options?: { headers?: Record<string, string | string[]>; body?: string | Buffer; chunks?: string[] },
  ): Promise<Answer>;
  /** The status of the answer to bytes as they are. */
  sendRaw(bytes: string): Promise<number>;
  sendAndHangUp(bytes: string): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; empty when it is not JSON. */
  readonly json: ReturnType<typeof JSON.parse>;
}

/** Everything in front of the routes, as the bridge installs it, on a port of its own. */
export async function anEdge(change: (config: Config) => void = () => undefined): Promise<Edge> {
  const config = new Config();
  config.monitoring.prometheusPort = 0;
  change(config);
  const tokens = new FakeTokens();
  const logged: Edge['logged'] = [];
  const logger = { event: (level: string, message: string, fields: unknown) => logged.push({ level, message, fields }) };

  @Global()
  @Module({
    providers: [
      { provide: SharedState, useValue: tokens },
      { provide: Replicas, useValue: { lastCount: 1 } },
    ],
    exports: [SharedState, Replicas],
  })
  class StateModule {}

  @Module({
    imports: [ConfigModule.with(config), MetricsModule.with(config.monitoring), StateModule, AccessModule.with(config)],
    controllers: [EchoController],
    providers: [KnownRoutes, { provide: BridgeLogger, useValue: logger }, { provide: APP_FILTER, useClass: ErrorFilter }],
  })
  class EdgeModule {}

  const options = Object.assign(Object.create(null) as NestApplicationOptions, { bodyParser: false, logger: false } as const);
  const app = await NestFactory.create<NestExpressApplication>(EdgeModule, options);
  const metrics = app.get(BridgeMetrics);
  app.use(httpMetrics(metrics, app.get(Performance)));
  app.use(accessMiddleware(app.get(Doorkeeper), (reason) => metrics.authFailures.inc({ reason })));
  app.use(jsonBody(config.limits));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    port,
    tokens,
    logged,
    get: (type) => app.get(type),
    send: (...request) => send(port, ...request),
    sendRaw: (bytes) => sendRaw(port, bytes),
    sendAndHangUp: (bytes) => sendAndHangUp(port, bytes),
    close: () => app.close(),
  };
}

function send(
  port: number,
  method: string,
  path: string,
  { headers = {}, body, chunks: parts }: Parameters<Edge['send']>[2] = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type =
      parts !== undefined
        ? { 'content-type': 'application/json' }
        : body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest({ port, host: '127.0.0.1', method, path, headers: { ...type, ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json') ?? false;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: isJson && text !== '' ? JSON.parse(text) : {} });
      });
    });
    request.on('error', reject);
    for (const part of parts ?? []) request.write(part);
    request.end(body);
  });
}

function sendRaw(port: number, bytes: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.once('data', (answer) => {
      resolve(Number(answer.toString().split(' ')[1]));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

function sendAndHangUp(port: number, bytes: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, () => socket.destroy()));
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
}
