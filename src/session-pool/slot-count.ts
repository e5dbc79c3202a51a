import type { CrashRecord } from './crash-record.js';
import type { Fleet } from './fleet.js';
import type { UpstreamConfig } from './upstream.config.js';

/** Tells how many calls the queue may hand out: what is told is what the sessions can carry, so nobody waits with a slot in his hand. */
export class SlotCount {
  private readonly listeners: ((slots: number) => void)[] = [];
  private told = '';

  constructor(
    private readonly config: UpstreamConfig,
    private readonly fleet: Fleet,
    private readonly crashes: CrashRecord,
  ) {}

  listen(listener: (slots: number) => void): void {
    this.look();
    this.listeners.push(listener);
    listener(this.slots());
  }

  /** Told again when the upstream begins or ceases to fail, so that whoever refuses what waits hears of it. */
  look(): void {
    const slots = this.slots();
    const state = `${slots} ${this.crashes.broken}`;
    if (state === this.told) return;
    this.told = state;
    for (const listener of this.listeners) listener(slots);
  }

  /** Where every client has its own child, it is started by the call that needs it. */
  private slots(): number {
    const { maxConnections, maxInFlight } = this.config;
    if (this.fleet.isClosed) return 0;
    if (this.fleet.isPerClient) return maxConnections * maxInFlight;
    let slots = 0;
    for (const member of this.fleet.members.values()) if (member.role.as === 'plain') slots += member.slots(maxInFlight);
    return slots;
  }
}
