import type { Consumer } from '../work-queue.js';
import type { Claims } from './claims.js';
import type { LaneWorker } from './lane-worker.js';
import type { Assignment } from './run.js';
import type { Consume, Runs } from './runs.js';
import type { Scheduler } from './scheduler.js';
import { type Slot, Slots } from './slots.js';

export interface LaneEvents {
  nextHolder(): string;
  /** The gate counts slots too. */
  resized(): void;
  closed(lane: Lane): void;
}

/** The consumer of one lane in this process: its slots, and the two ways to them. */
export class Lane implements Consumer {
  private readonly slots: Slots;
  private readonly worker: LaneWorker;
  private delivered = 0;
  private isClosed = false;

  constructor(
    readonly name: string,
    slots: number,
    private readonly consume: Consume,
    private readonly claims: Claims,
    private readonly runs: Runs,
    scheduler: Scheduler,
    private readonly on: LaneEvents,
  ) {
    this.slots = new Slots(slots, () => this.adjust());
    this.worker = scheduler.work(
      name,
      (id, turn) => this.deliver(id, turn),
      () => this.adjust(),
    );
    runs.allowFor(slots);
    this.adjust();
  }

  get slotCount(): number {
    return this.isClosed ? 0 : this.slots.count;
  }

  setSlots(slots: number): void {
    if (this.isClosed || slots === this.slots.count) return;
    this.runs.allowFor(slots);
    this.slots.resize(slots);
    this.adjust();
    this.on.resized();
  }

  /** The fast lane: a slot for a call that may run here at once. */
  reserve(): Slot | undefined {
    return this.isClosed ? undefined : this.slots.reserve();
  }

  /** Runs what was accepted and handed out in one step. The slot is kept until it is over. */
  async runHere(assignment: Assignment, slot: Slot): Promise<void> {
    slot.keep();
    this.adjust();
    try {
      await this.run(assignment);
    } finally {
      slot.free();
    }
  }

  /** Hands out nothing more. */
  stop(): void {
    this.isClosed = true;
    this.worker.rest();
  }

  async close(drainMs: number): Promise<void> {
    if (this.isClosed) return;
    this.stop();
    this.on.resized();
    const here = (lane: string) => lane === this.name;
    await this.runs.drain(here, AbortSignal.timeout(drainMs));
    await this.worker.close();
    this.on.closed(this);
  }

  private async deliver(id: string, turn: number): Promise<boolean> {
    if (this.isClosed) return false;
    const slot = await this.slots.take();
    if (!slot) return false;
    this.delivered += 1;
    try {
      const claiming = this.claims.claim({ id, turn, holder: this.on.nextHolder() });
      await this.runs.runClaimed(this.name, claiming, (assignment) => this.run(assignment));
    } finally {
      this.delivered -= 1;
      slot.free();
    }
    return true;
  }

  private run(assignment: Assignment): Promise<void> {
    return this.isClosed ? this.runs.decline(assignment) : this.runs.run(assignment, this.consume);
  }

  /** The scheduler may have as many jobs at a time as the fast lane leaves slots. */
  private adjust(): void {
    if (!this.isClosed) this.worker.widen(this.slots.free + this.delivered, this.delivered);
  }
}
