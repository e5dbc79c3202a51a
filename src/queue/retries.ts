import type { JobSpec } from './work-queue.js';

const FIRST_ATTEMPTS_PER_RETRY = 5;
const LEAST_BURST = 10;

/** When a read may run again. The budget keeps a storm of failures from becoming a storm of calls. */
export class Retries {
  private burst = LEAST_BURST;
  private tokens = LEAST_BURST;

  constructor(
    private readonly maxRetries: number,
    private readonly random: () => number,
  ) {}

  countFirstAttempt(): void {
    this.tokens = Math.min(this.burst, this.tokens + 1 / FIRST_ATTEMPTS_PER_RETRY);
  }

  /** A child that dies takes all calls on it along, and none of them should find the budget spent by its neighbours. */
  allowFor(callsAtOnce: number): void {
    if (callsAtOnce <= this.burst) return;
    this.tokens += callsAtOnce - this.burst;
    this.burst = callsAtOnce;
  }

  /** Pause before the next attempt in ms, with full jitter; undefined: no more attempts. Takes a token. */
  next({ spec: { retry }, attempts, deadline }: Attempted, now: number): number | undefined {
    if (!retry || attempts >= Math.min(retry.attempts, this.maxRetries + 1) || this.tokens < 1) return undefined;
    const pauseMs = this.random() * Math.min(retry.maxMs, retry.baseMs * 2 ** (Math.max(1, attempts) - 1));
    if (now + pauseMs >= deadline) return undefined;
    this.tokens -= 1;
    return pauseMs;
  }
}

/** What a request tells of the attempts it has had. */
interface Attempted {
  readonly spec: Pick<JobSpec, 'retry'>;
  readonly attempts: number;
  readonly deadline: number;
}
