import type { Clock } from '../call/clock.js';

/** Sees to it that no process group outlives this process, however it ends. One for the whole bridge. */
export class ChildWarden {
  private readonly groups = new Set<number>();

  constructor(protected readonly clock: Clock) {}

  guard(group: number): void {
    this.groups.add(group);
  }

  release(group: number): void {
    this.groups.delete(group);
  }

  close(): void {
    this.groups.clear();
  }
}
