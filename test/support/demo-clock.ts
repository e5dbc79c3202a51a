import type { Clock } from '../../src/home-assistant-server/demo/clock.js';

/** Time that stands still until the test moves it. */
export class ManualClock implements Clock {
  private nowMs = Date.parse('2026-01-15T12:00:00Z');
  private readonly due = new Set<{ atMs: number; act: () => void }>();

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, act: () => void): () => void {
    const entry = { atMs: this.nowMs + delayMs, act };
    this.due.add(entry);
    return () => this.due.delete(entry);
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = [...this.due].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.due.delete(next);
      this.nowMs = next.atMs;
      next.act();
    }
    this.nowMs = endMs;
  }
}
