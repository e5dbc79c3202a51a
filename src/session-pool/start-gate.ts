/**
 * Bounds how many children start at once, over all upstreams. They take turns, so ninety-nine of them come up while one
 * is slow. What an upstream may start beside its own first child is `startsNow`'s to say.
 */
export class StartGate {
  private readonly waiting = new Map<string, (() => void)[]>();
  private running = 0;

  constructor(private readonly bound: number) {}

  /** Runs `start` when it is this upstream's turn. @throws the signal's reason when it aborts before */
  async enter<T>(upstream: string, start: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.turn(upstream);
    try {
      signal.throwIfAborted();
      return await start();
    } finally {
      this.running -= 1;
      this.admit();
    }
  }

  private turn(upstream: string): Promise<void> {
    return new Promise((resolve) => {
      const line = this.waiting.get(upstream) ?? [];
      this.waiting.set(upstream, [...line, resolve]);
      this.admit();
    });
  }

  private admit(): void {
    for (const [upstream, line] of this.waiting) {
      if (this.running >= this.bound) return;
      this.waiting.delete(upstream);
      const [next, ...rest] = line;
      if (rest.length > 0) this.waiting.set(upstream, rest); // to the end of the round
      if (!next) continue;
      this.running += 1;
      next();
    }
  }
}
