import type { EventEmitter } from 'node:events';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Config } from '../config/config.js';
import { isLoopback } from '../config/loopback.js';
import { Lifecycle } from '../health/lifecycle.js';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import { WorkQueue } from '../queue/work-queue.js';

/** Balancers look every second or two; after so long even a patient one has noticed. */
const BALANCER_DELAY_SECONDS = 5;
/** What reached the listener before it closed gets so long to be read and accepted: a queue that closes refuses it. */
const LAST_REQUESTS_MS = 500;
const LOOK_EVERY_MS = 20;
/** A turn of the loop that did next to nothing; on a machine that never has one, any will do in the end. */
const QUICK_TURN_MS = 0.5;
const MOST_TURNS = 200;

/**
 * Leaves in order: tell the balancers, stop listening, let accepted calls end, then end the children.
 * Every accepted call is answered, whatever it takes.
 */
export class Shutdown {
  private readonly hurry = new AbortController();
  private leaving?: Promise<void>;
  private isDraining = false;

  constructor(private readonly app: NestExpressApplication) {}

  /** Resolves with nothing running: no listener, no child, no timer. A second call ends the waiting of the first. */
  run(): Promise<void> {
    if (this.leaving) this.hurry.abort();
    if (this.isDraining) void this.app.get(WorkQueue).close(0);
    this.leaving ??= this.leave();
    return this.leaving;
  }

  private async leave(): Promise<void> {
    const { shutdown, bridge, redis } = this.app.get(Config);
    this.app.get(Lifecycle).drain();
    this.app.get(BridgeMetrics).draining.set(1);
    const isAlone = redis.url === undefined;
    const drainMs = shutdown.timeoutSeconds * 1000;
    await this.wait((shutdown.delaySeconds ?? (isAlone && isLoopback(bridge.host) ? 0 : BALANCER_DELAY_SECONDS)) * 1000);
    const server = this.app.getHttpServer();
    await untilTakenIn(server);
    server.close();
    server.closeIdleConnections();
    if (!isAlone) await this.wait(LAST_REQUESTS_MS);
    const queue = this.app.get(WorkQueue);
    if (isAlone) await this.untilEmpty(queue, drainMs);
    this.isDraining = true;
    await queue.close(isAlone ? 0 : drainMs);
    server.closeIdleConnections();
    await this.app.close();
  }

  /** A process without Redis runs what waits to its end: nobody else can. */
  private async untilEmpty(queue: WorkQueue, withinMs: number): Promise<void> {
    // no signal made of others: Node 20 lets the collector take a timeout that only a composite refers to
    const until = performance.now() + withinMs;
    while (!this.hurry.signal.aborted && performance.now() < until) {
      const { waiting, running } = await queue.stats(this.hurry.signal);
      if (waiting + running === 0) return;
      await this.wait(LOOK_EVERY_MS);
    }
  }

  private async wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.hurry.signal }).catch(() => undefined);
  }
}

/**
 * Connections that wait to be taken in are reset when the listener closes, and a balancer may have sent a call over them that
 * it must not repeat. A turn of the loop takes in one of them; while it does other things, more come.
 */
async function untilTakenIn(server: EventEmitter): Promise<void> {
  let taken = 0;
  const take = () => {
    taken += 1;
  };
  server.on('connection', take);
  // the first may be the rest of a turn that has looked already
  await turn();
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    const [before, from] = [taken, performance.now()];
    await turn();
    if (taken === before && performance.now() - from < QUICK_TURN_MS) break;
  }
  server.off('connection', take);
}
