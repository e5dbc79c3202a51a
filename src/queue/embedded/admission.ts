import type { Priority } from '../../call/priority.js';
import { type Pace, queueFull } from '../queue-full.js';

/** Waiting calls a class may find, in percent of `queue.max_size`: the urgent still get in when the rest is shed. */
const LIMIT_PERCENT: Record<Priority, number> = { 0: 110, 1: 105, 2: 100, 3: 100, 4: 80 };

/** Counts who waits; who runs, joins or comes back does not count. */
export class Admission {
  constructor(
    private readonly maxSize: number,
    private readonly random: () => number,
  ) {}

  /** @throws BridgeError `queue_full` */
  admit(priority: Priority, waiting: number, pace: Pace): void {
    if (waiting * 100 < this.maxSize * LIMIT_PERCENT[priority]) return;
    throw queueFull(waiting, pace, this.random);
  }
}
