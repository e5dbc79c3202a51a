import type { Priority } from '../../call/priority.js';
import { type Pace, queueFull } from '../queue-full.js';
import { QUEUE_RULES } from '../queue-rules.js';

/** Counts who waits; who runs, joins or comes back does not count. */
export class Admission {
  constructor(
    private readonly maxSize: number,
    private readonly random: () => number,
  ) {}

  /** @throws BridgeError `queue_full` */
  admit(priority: Priority, waiting: number, pace: Pace): void {
    if (waiting * 100 < this.maxSize * QUEUE_RULES.fullAtPercent[priority]) return;
    throw queueFull(waiting, pace, this.random);
  }
}
