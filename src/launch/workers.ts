import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { BridgeLogger } from '../logging/bridge-logger.js';
import { RestartDelay } from './restart-delay.js';
import type { Order } from './worker-orders.js';

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
      if (this.listening.has(worker)) worker.send({ order });
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
      const worker = cluster.fork(this.variables);
      worker.once('listening', () => {
        this.hasServed = true;
        this.listening.add(worker);
        onListening?.();
      });
      const [code, signal] = (await once(worker, 'exit')) as [number | null, string | null];
      this.listening.delete(worker);
      if (this.isLeaving()) return 0;
      if (!this.hasServed && code !== null && code !== 0) return code;
      const delayMs = delay.next(performance.now() - startedAt);
      this.logger.event('ERROR', 'A worker ended and is replaced', { pid: worker.process.pid, code, signal, delay_ms: delayMs });
      await pause(delayMs, undefined, { signal: this.leaving.signal }).catch(() => undefined);
    }
    return 0;
  }

  private isLeaving(): boolean {
    return this.leaving.signal.aborted;
  }

  private all(): readonly Worker[] {
    return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  }
}
