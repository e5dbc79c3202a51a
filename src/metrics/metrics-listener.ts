import cluster from 'node:cluster';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { register } from 'prom-client';
import { BRIDGE_ERRORS } from '../call/bridge-error.js';
import { Config } from '../config/config.js';

/** What a scrape shows, where that is not the metrics of this process. */
export abstract class ScrapeSource {
  abstract text(): Promise<string>;
}

/** /metrics on a port of its own, for a scraper that has no key. Never a reason not to start. */
@Injectable()
export class MetricsListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(MetricsListener.name);
  private server?: Server;

  constructor(
    private readonly config: Config,
    @Optional() private readonly source: ScrapeSource = { text: () => register.metrics() },
  ) {}

  /** Where it listens; absent when it does not. */
  get port(): number | undefined {
    return (this.server?.address() as AddressInfo | null | undefined)?.port;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { bridge, monitoring } = this.config;
    const { prometheusEnabled, prometheusPort, prometheusHost } = monitoring;
    // one of several workers: their parent tells of all of them
    if (cluster.isWorker || !prometheusEnabled || (prometheusPort === bridge.port && prometheusPort !== 0)) return;
    const server = createServer((request, response) => void answer(request, response, this.source));
    await new Promise<void>((resolve) => {
      server.once('error', (error) => {
        this.logger.warn(`No metrics on ${prometheusHost}:${prometheusPort} (${error.message}); /metrics of the main port remains`);
        resolve();
      });
      server.listen(prometheusPort, prometheusHost, () => {
        this.server = server;
        resolve();
      });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function answer({ method = '', url = '' }: IncomingMessage, response: ServerResponse, source: ScrapeSource): Promise<void> {
  if (!['GET', 'HEAD'].includes(method) || url.split('?', 1)[0] !== '/metrics') {
    response.writeHead(BRIDGE_ERRORS.method_not_found.http).end();
    return;
  }
  try {
    const text = await source.text();
    response.setHeader('Content-Type', register.contentType);
    response.end(method === 'HEAD' ? undefined : text);
  } catch {
    response.writeHead(BRIDGE_ERRORS.internal_error.http).end();
  }
}
