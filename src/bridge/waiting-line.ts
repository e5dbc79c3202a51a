import { Injectable } from '@nestjs/common';
import { BRIDGE_ERRORS, BridgeError } from '../call/bridge-error.js';
import type { JsonObject } from '../call/json.js';
import { estimateMs } from '../queue/queue-full.js';
import { upstreamOf } from '../queue/lane-name.js';
import { type LaneStats, type QueueStats, WorkQueue } from '../queue/work-queue.js';

const BUSY = BRIDGE_ERRORS.queue_full.code;
/** A refusal is not worth a longer wait for the figures that go with it. */
const PATIENCE_MS = 500;

/** How long the line is, for those who join it and those who are sent away. */
@Injectable()
export class WaitingLine {
  constructor(private readonly queue: WorkQueue) {}

  /** What a call to this server would find before it. */
  async ahead(server: string, signal: AbortSignal): Promise<JsonObject> {
    const stats = await this.queue.stats(signal);
    return { queue_position: laneOf(stats, server).waiting, estimated_wait_ms: waitMs(stats, server) };
  }

  /** The error, and where it says that we are busy, how busy: null when the queue cannot be asked. */
  async explain(error: unknown, server: string): Promise<unknown> {
    if (!(error instanceof BridgeError) || error.code !== BUSY || 'queue_size' in error.data) return error;
    // the queue is in the store that has just not answered, and the caller's time may be over
    const stats = error.reason === 'store_away' ? undefined : await this.statsSoon();
    return error.with({ queue_size: stats?.waiting ?? null, estimated_wait_ms: stats ? waitMs(stats, server) : null });
  }

  private async statsSoon(): Promise<QueueStats | undefined> {
    return this.queue.stats(AbortSignal.timeout(PATIENCE_MS)).catch(() => undefined);
  }
}

function waitMs(stats: QueueStats, server: string): number {
  const { waiting, slots } = laneOf(stats, server);
  return Math.round(estimateMs(waiting, { avgRunMs: stats.avgRunMs, slots }));
}

/** All lanes of the server as one. */
function laneOf({ lanes }: QueueStats, server: string): { readonly waiting: number; readonly slots: number } {
  const own = Object.entries(lanes).filter(([lane]) => upstreamOf(lane) === server);
  const sum = (count: (lane: LaneStats) => number) => own.reduce((total, [, lane]) => total + count(lane), 0);
  return { waiting: sum(({ waiting }) => waiting), slots: sum(({ slots }) => slots) };
}
