const SAMPLES = 5;
/** A round trip over this says too little of the moment in which Redis looked at its clock. */
const SLOWEST_MS = 250;
/** Two clocks part by no more than some milliseconds in this time. */
const KEEPS_MS = 300_000;

/** The clock of Redis, told without asking it: its distance from our monotonic clock, measured now and then. */
export class ServerClock {
  private offsetMs?: number;
  private setAt = 0;

  /** @param time sends TIME: whole seconds, and microseconds of the next */
  constructor(private readonly time: () => Promise<readonly (number | string)[]>) {}

  /** Wall clock of Redis in ms; undefined while no measurement was good enough. */
  now(): number | undefined {
    return this.offsetMs === undefined ? undefined : performance.now() + this.offsetMs;
  }

  /**
   * Measures anew; a busy moment leaves what was measured before, unless the server may be another one.
   * @returns false when each round trip took too long; then the clock is unknown
   */
  async set(isNewServer: boolean): Promise<boolean> {
    let best = { tripMs: SLOWEST_MS, offsetMs: undefined as number | undefined };
    for (let taken = 0; taken < SAMPLES; taken += 1) {
      const sample = await this.sample();
      if (sample.tripMs < best.tripMs) best = sample;
    }
    if (best.offsetMs === undefined && !isNewServer && performance.now() - this.setAt < KEEPS_MS) return this.offsetMs !== undefined;
    this.offsetMs = best.offsetMs;
    this.setAt = performance.now();
    return best.offsetMs !== undefined;
  }

  private async sample(): Promise<{ tripMs: number; offsetMs: number }> {
    const sentAt = performance.now();
    const [seconds = 0, microseconds = 0] = await this.time();
    const tripMs = performance.now() - sentAt;
    return { tripMs, offsetMs: Number(seconds) * 1000 + Number(microseconds) / 1000 - (sentAt + tripMs / 2) };
  }
}
