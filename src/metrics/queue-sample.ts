import { Injectable } from '@nestjs/common';
import { type Clock, systemClock } from '../call/clock.js';
import type { QueueStats } from '../queue/work-queue.js';
import type { QueueFigures } from './queue-figures.js';
import { QueueReader } from './readers.js';

/** Long enough for one scrape, short enough that two scrapes never share it. */
const KEPT_MS = 250;
const PATIENCE_MS = 1000;

/** One look at the queue for all gauges of a scrape, so that they agree and the store is asked once. */
@Injectable()
export class QueueSample {
  private highest = 0;
  private latest?: { readonly takenAt: number; readonly stats: Promise<QueueStats | undefined> };

  constructor(
    private readonly queue: QueueReader,
    private readonly figures?: Pick<QueueFigures, 'mostWaiting'>,
    private readonly clock: Clock = systemClock,
  ) {}

  /** Undefined while the queue cannot be asked; its gauges then say nothing rather than something old. */
  current(): Promise<QueueStats | undefined> {
    const now = this.clock.now();
    if (this.latest === undefined || now - this.latest.takenAt > KEPT_MS) this.latest = { takenAt: now, stats: this.take() };
    return this.latest.stats;
  }

  /** By what was seen here, and by what is seen between two scrapes. */
  async mostWaiting(): Promise<number> {
    await this.current();
    return Math.max(this.highest, this.figures?.mostWaiting ?? 0);
  }

  private async take(): Promise<QueueStats | undefined> {
    try {
      const stats = await this.queue.stats(AbortSignal.timeout(PATIENCE_MS));
      this.highest = Math.max(this.highest, stats.waiting);
      return stats;
    } catch {
      return undefined;
    }
  }
}
