import type { Clock } from '../call/clock.js';

const SWEPT_PER_WRITE = 4;

/** A map whose entries end. Each write looks at a few old entries, so that what nobody asks for again goes too. */
export class ExpiringMap<V> {
  private readonly entries = new Map<string, { readonly value: V; readonly until: number }>();
  private cursor = this.entries.entries();

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): V | undefined {
    const entry = this.entries.get(key);
    return entry && entry.until > this.clock.now() ? entry.value : undefined;
  }

  set(key: string, value: V, ttlMs: number): void {
    this.sweep();
    this.entries.set(key, { value, until: this.clock.now() + ttlMs });
  }

  delete(key: string): boolean {
    const lived = this.get(key) !== undefined;
    this.entries.delete(key);
    return lived;
  }

  clear(): void {
    this.entries.clear();
  }

  private sweep(): void {
    const now = this.clock.now();
    for (let seen = 0; seen < SWEPT_PER_WRITE; seen += 1) {
      const next = this.cursor.next();
      if (next.done) {
        this.cursor = this.entries.entries();
        return;
      }
      const [key, { until }] = next.value;
      if (until <= now) this.entries.delete(key);
    }
  }
}
