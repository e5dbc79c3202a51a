const DAY_MS = 86_400_000;

/** What the status page tells of the cache. Days begin at 00:00 UTC. */
export class CacheFigures {
  hits = 0;
  misses = 0;
  evictions = 0;
  private day = 0;
  private ofDay = 0;

  constructor(private readonly wallClock: () => number = Date.now) {}

  evicted(): void {
    this.turnDay();
    this.evictions += 1;
    this.ofDay += 1;
  }

  get evictionsToday(): number {
    this.turnDay();
    return this.ofDay;
  }

  private turnDay(): void {
    const today = Math.floor(this.wallClock() / DAY_MS);
    if (today === this.day) return;
    this.day = today;
    this.ofDay = 0;
  }
}
