import { EventEmitter } from 'node:events';
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
  it('closes the listener in a moment in which it has nothing else to do', async () => {
    const seen: string[] = [];
    const server = aServer(() => void seen.push('closed'));
    const busy = (turns: number) => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      seen.push('busy');
      if (turns > 1) setImmediate(busy, turns - 1);
    };
    setImmediate(busy, 5);
    await aShutdown(server).run();
    expect(seen).toEqual([...Array<string>(5).fill('busy'), 'closed']);
  });

  it('takes in all connections that wait before it closes the listener, of which each turn of the loop takes one', async () => {
    const seen: string[] = [];
    const server = aServer(() => void seen.push('closed'));
    const takeIn = (left: number) => {
      seen.push('taken');
      server.emit('connection');
      if (left > 1) setImmediate(takeIn, left - 1);
    };
    setImmediate(takeIn, 5);
    await aShutdown(server).run();
    expect(seen).toEqual([...Array<string>(5).fill('taken'), 'closed']);
  });

  it('waits for calls that do not end no longer than it was told, whatever the collector takes', async () => {
    let isOver = false;
    const shutdown = aShutdown(aServer(), { stats: { waiting: 1, running: 0 } });
    const ended = shutdown.run().then(() => (isOver = true));
    await eventually(() => {
      collectGarbage();
      return isOver;
    });
    await ended;
  });
});

function aServer(close: () => void = () => undefined) {
  return Object.assign(new EventEmitter(), { close, closeIdleConnections: () => undefined });
}

/** Of a process alone, over parts that are done at once. */
function aShutdown(server: ReturnType<typeof aServer>, { stats = { waiting: 0, running: 0 } } = {}): Shutdown {
  const parts = new Map<unknown, unknown>([
    [Config, { shutdown: { timeoutSeconds: 0.3, delaySeconds: 0 }, bridge: { host: '127.0.0.1' }, redis: {} }],
    [Lifecycle, { drain: () => undefined }],
    [BridgeMetrics, { draining: { set: () => undefined } }],
    [WorkQueue, { stats: () => Promise.resolve(stats), close: () => Promise.resolve() }],
  ]);
  const app = { get: (token: unknown) => parts.get(token), getHttpServer: () => server, close: () => Promise.resolve() };
  return new Shutdown(app as unknown as NestExpressApplication);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
