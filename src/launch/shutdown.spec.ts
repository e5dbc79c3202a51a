import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { eventually } from '../../test/support/eventually.js';
import { Config } from '../config/config.js';
import { Lifecycle } from '../health/lifecycle.js';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import { WorkQueue } from '../queue/work-queue.js';
import { Shutdown } from './shutdown.js';

describe(Shutdown.name, () => {
  it('waits for calls that do not end no longer than it was told, whatever the collector takes', async () => {
    let isOver = false;
    const parts = new Map<unknown, unknown>([
      [Config, { shutdown: { timeoutSeconds: 0.3, delaySeconds: 0 }, bridge: { host: '127.0.0.1' }, redis: {} }],
      [Lifecycle, { drain: () => undefined }],
      [BridgeMetrics, { draining: { set: () => undefined } }],
      [WorkQueue, { stats: () => Promise.resolve({ waiting: 1, running: 0 }), close: () => Promise.resolve() }],
    ]);
    const server = { close: () => undefined, closeIdleConnections: () => undefined };
    const app = { get: (token: unknown) => parts.get(token), getHttpServer: () => server, close: () => Promise.resolve() };
    const shutdown = new Shutdown(app as unknown as NestExpressApplication);
    const ended = shutdown.run().then(() => (isOver = true));
    await eventually(() => {
      collectGarbage();
      return isOver;
    });
    await ended;
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
