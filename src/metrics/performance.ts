import { Injectable } from '@nestjs/common';
import { type Clock, systemClock } from '../call/clock.js';

export interface PerformanceSnapshot {
  readonly avg_response_time_ms: number;
  readonly p95_response_time_ms: number;
  readonly requests_per_second: number;
  /** Answers that were the server's fault, 0 to 1. */
  readonly error_rate: number;
}

const WINDOW_SECONDS = 60;
const MAX_SAMPLES = 2048;

interface Second {
  readonly at: number;
  count: number;
  errors: number;
  totalMs: number;
}

/** How the bridge did in the last 60 s, in bounded memory. */
@Injectable()
export class Performance {
  private seconds: Second[] = [];
  /** The latest durations, in a ring; enough for a percentile that is shown to people. */
  private readonly sampledAt = new Float64Array(MAX_SAMPLES).fill(-Infinity);
  private readonly sampledMs = new Float64Array(MAX_SAMPLES);
  private nextSample = 0;

  constructor(private readonly clock: Clock = systemClock) {}

  record(durationMs: number, isError: boolean): void {
    const at = this.now();
    let second = this.seconds.at(-1);
    if (second?.at !== at) {
      second = { at, count: 0, errors: 0, totalMs: 0 };
      this.seconds = [...this.recent(at), second];
    }
    second.count += 1;
    second.totalMs += durationMs;
    if (isError) second.errors += 1;
    this.sampledAt[this.nextSample] = at;
    this.sampledMs[this.nextSample] = durationMs;
    this.nextSample = (this.nextSample + 1) % MAX_SAMPLES;
  }

  snapshot(): PerformanceSnapshot {
    const now = this.now();
    const recent = this.recent(now);
    const count = sum(recent.map((second) => second.count));
    const durations = this.sampledMs.filter((_ms, index) => (this.sampledAt[index] ?? 0) > now - WINDOW_SECONDS);
    return {
      avg_response_time_ms: count === 0 ? 0 : round(sum(recent.map((second) => second.totalMs)) / count),
      p95_response_time_ms: round(p95(durations)),
      requests_per_second: round(count / WINDOW_SECONDS),
      error_rate: count === 0 ? 0 : round(sum(recent.map((second) => second.errors)) / count),
    };
  }

  private recent(now: number): Second[] {
    return this.seconds.filter(({ at }) => at > now - WINDOW_SECONDS);
  }

  private now(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

function p95(durations: Float64Array): number {
  durations.sort();
  return durations[Math.max(0, Math.ceil(durations.length * 0.95) - 1)] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
