import type { NestExpressApplication } from '@nestjs/platform-express';
import { Config } from '../config/config.js';
import { Lifecycle } from '../health/lifecycle.js';
import { WorkQueue } from '../queue/work-queue.js';

/** Balancers look every second or two; after so long even a patient one has noticed. */
const BALANCER_DELAY_SECONDS = 5;

/**
 * Leaves in order: tell the balancers, stop listening, let accepted calls end, then end the children.
 * Every accepted call is answered, whatever it takes.
 */
export class Shutdown {
  private hurry: () => void = () => undefined;
  private readonly hurried = new Promise<void>((resolve) => (this.hurry = resolve));

  constructor(private readonly app: NestExpressApplication) {}

  /** Resolves with nothing running: no listener, no child, no timer. A second call ends the waiting of the first. */
  async run(): Promise<void> {
    const { shutdown, bridge, redis } = this.app.get(Config);
    const lifecycle = this.app.get(Lifecycle);
    if (lifecycle.draining) {
      this.hurry();
      return;
    }

    lifecycle.drain();
    const standsAlone = redis.url === undefined && isLoopback(bridge.host);
    await this.wait((shutdown.delaySeconds ?? (standsAlone ? 0 : BALANCER_DELAY_SECONDS)) * 1000);
    const server = this.app.getHttpServer();
    server.close();
    server.closeIdleConnections();
    await this.drainQueue(shutdown.timeoutSeconds * 1000);
    await this.app.close();
  }

  private async drainQueue(drainMs: number): Promise<void> {
    const queue = this.app.get(WorkQueue);
    void this.hurried.then(() => queue.close(0));
    await queue.close(drainMs);
  }

  private wait(ms: number): Promise<void> {
    const over = new Promise<void>((resolve) => setTimeout(resolve, ms));
    return Promise.race([over, this.hurried]);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
