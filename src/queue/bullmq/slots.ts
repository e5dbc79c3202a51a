/**
 * How many calls of a lane may run in this process at once: one count for both ways to a run. The fast lane reserves a
 * slot before it knows whether it will get the call; until then nobody can tell whether that slot is free.
 */
export class Slots {
  private taken = 0;
  private reserved = 0;
  private readonly undecided: (() => void)[] = [];

  constructor(
    private size: number,
    private readonly onFreed: () => void,
  ) {}

  get count(): number {
    return this.size;
  }

  /** Slots that the fast lane has not taken away from the scheduler. */
  get free(): number {
    return this.size - this.taken - this.reserved;
  }

  resize(size: number): void {
    const before = this.size;
    this.size = size;
    if (size > before) this.onFreed();
  }

  /** A slot that the caller may have to give back unused. */
  reserve(): Slot | undefined {
    if (this.free <= 0) return undefined;
    this.reserved += 1;
    return new Slot(
      () => this.decide(() => (this.taken += 1)),
      () => {
        this.decide(() => undefined);
        this.onFreed();
      },
      () => this.release(),
    );
  }

  /** Undefined when all are taken; waits for the fast lane to make up its mind. */
  async take(): Promise<Slot | undefined> {
    while (this.free <= 0 && this.taken < this.size) await new Promise<void>((resolve) => this.undecided.push(resolve));
    const slot = this.reserve();
    slot?.keep();
    return slot;
  }

  private decide(count: () => void): void {
    this.reserved -= 1;
    count();
    for (const wake of this.undecided.splice(0)) wake();
  }

  private release(): void {
    this.taken -= 1;
    for (const wake of this.undecided.splice(0)) wake();
    this.onFreed();
  }
}

/** One place to run a call: reserved, then kept or given back; given back once however often it is said. */
export class Slot {
  private state: 'reserved' | 'kept' | 'free' = 'reserved';

  constructor(
    private readonly onKeep: () => void,
    private readonly onUnused: () => void,
    private readonly onFree: () => void,
  ) {}

  keep(): void {
    if (this.state !== 'reserved') return;
    this.state = 'kept';
    this.onKeep();
  }

  free(): void {
    const before = this.state;
    this.state = 'free';
    if (before === 'reserved') this.onUnused();
    if (before === 'kept') this.onFree();
  }
}
