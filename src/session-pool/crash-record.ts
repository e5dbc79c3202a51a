import type { Clock } from '../call/clock.js';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** So many failures in a row, and calls need not wait for the next attempt. */
const BROKEN_AFTER = 5;

/** Why the last child did not come up, or did not stay. */
export interface StartTrouble {
  readonly reason: string;
  readonly stderr: readonly string[];
  /** When the next attempt is due, in ms of the pool's clock. */
  readonly retryAtMs: number;
}

/**
 * The failures of one upstream since it last worked: a start that failed, or a child that ended before it had answered a
 * call. They space the attempts out; nothing stops them for good, so a repaired configuration heals by itself.
 */
export class CrashRecord {
  inARow = 0;
  trouble?: StartTrouble;

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  failed(reason: string, stderr: readonly string[]): void {
    const waitMs = this.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.inARow);
    this.inARow += 1;
    this.trouble = { reason, stderr, retryAtMs: this.clock.now() + waitMs };
  }

  /** A call was answered, or a child has lived long enough. */
  proved(): void {
    this.inARow = 0;
    delete this.trouble;
  }

  get broken(): boolean {
    return this.inARow >= BROKEN_AFTER;
  }

  /** Until the next attempt is due. */
  get waitMs(): number {
    return this.trouble ? Math.max(0, this.trouble.retryAtMs - this.clock.now()) : 0;
  }
}
