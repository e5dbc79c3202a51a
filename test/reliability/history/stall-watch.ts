import type { Stall } from './history.js';
import { NS_PER_MS } from './history.js';
import { now } from './now.js';

const EVERY_MS = 10;
/** A timer is some milliseconds late on any machine. */
const WORTH_NOTING_MS = 20;

/** Notes when this process did not run, because others had the machine or it was busy itself. */
export class StallWatch {
  readonly stalls: Stall[] = [];
  private awakeNs = now();
  private readonly timer = setInterval(() => this.look(), EVERY_MS);

  stop(): void {
    clearInterval(this.timer);
    this.look();
  }

  private look(): void {
    const ns = now();
    if (ns - this.awakeNs > WORTH_NOTING_MS * NS_PER_MS) this.stalls.push({ fromNs: this.awakeNs, untilNs: ns });
    this.awakeNs = ns;
  }
}
