import cluster, { type Worker } from 'node:cluster';
import { setTimeout as pause } from 'node:timers/promises';
import type { BridgeLogger } from '../logging/bridge-logger.js';
import { RestartDelay } from './restart-delay.js';
import type { Order } from './worker-orders.js';

interface End {
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * Several processes that share one port, each a whole bridge. One that ends is replaced, later each time it ends young;
 * the first one starts alone, so that what is wrong with all of them is told once.
 */
export class Workers {
  private readonly leaving = new AbortController();
  private readonly listening = new Set<Worker>();
  private hasServed = false;

  constructor(
    private readonly count: number,
    /** What they get beside our own environment. */
    private readonly variables: Readonly<Record<string, string>>,
    private readonly logger: BridgeLogger,
  ) {}

  /** Resolves when all have ended, with the exit code that says why. */
  async run(): Promise<number> {
    let isServing: () => void = () => undefined;
    const serving = new Promise<void>((resolve) => (isServing = resolve));
    const first = this.keep(isServing);
    await Promise.race([serving, first]);
    const others = Array.from({ length: this.hasServed ? this.count - 1 : 0 }, () => this.keep());
    const codes = await Promise.all([first, ...others]);
    return codes.find((code) => code !== 0) ?? 0;
  }

  /** The first time they end what they have accepted; asked again, they hurry. */
  leave(): void {
    const order: Order = this.isLeaving() ? 'hurry' : 'leave';
    this.leaving.abort();
    for (const worker of this.all()) {
      // one that does not listen yet has accepted nothing
      if (this.listening.has(worker)) this.order(worker, order);
      else worker.kill('SIGKILL');
    }
  }

  /** For their log files. */
  signal(signal: NodeJS.Signals): void {
    for (const worker of this.all()) worker.process.kill(signal);
  }

  /** One place among them, filled again and again. */
  private async keep(onListening?: () => void): Promise<number> {
    const delay = new RestartDelay();
    while (!this.isLeaving()) {
      const startedAt = performance.now();
      const end = await this.life(onListening).catch((error: unknown) => ({ error, code: null }));
      if (this.isLeaving()) return 0;
      if (!this.hasServed && end.code !== null && end.code !== 0) return end.code;
      const delayMs = delay.next(performance.now() - startedAt);
      const what = 'error' in end ? 'A worker could not be started and is tried again' : 'A worker ended and is replaced';
      this.logger.event('ERROR', what, { ...end, delay_ms: delayMs });
      await pause(delayMs, undefined, { signal: this.leaving.signal }).catch(() => undefined);
    }
    return 0;
  }

  /** Resolves when one has ended. @throws when the system has no process for it: that one never ends */
  private async life(onListening?: () => void): Promise<End> {
    const worker = cluster.fork(this.variables);
    worker.once('listening', () => {
      this.hasServed = true;
      this.listening.add(worker);
      onListening?.();
    });
    const { pid } = worker.process;
    const end = await new Promise<End>((resolve, reject) => {
      worker.once('exit', (code: number | null, signal: string | null) => resolve({ pid, code, signal }));
      worker.on('error', (error) => {
        if (pid === undefined) reject(error);
        else this.logger.event('WARNING', 'A worker cannot be reached', { pid, error });
      });
    });
    this.listening.delete(worker);
    return end;
  }

  /** Who does not hear us any more is told by a signal, which means the same to him. */
  private order(worker: Worker, order: Order): void {
    worker.send({ order }, (error) => {
      if (error && !worker.isDead()) worker.process.kill('SIGTERM');
    });
  }

  private isLeaving(): boolean {
    return this.leaving.signal.aborted;
  }

  private all(): readonly Worker[] {
    return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  }
}
