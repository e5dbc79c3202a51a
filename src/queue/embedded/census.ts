import type { Priority } from '../../call/priority.js';

/** `locked` and `held_back` wait for others of their line or their share, `delayed` for the end of a pause. */
export type Phase = 'locked' | 'held_back' | 'ready' | 'delayed' | 'claimed' | 'begun' | 'settled';

export function isWaiting(phase: Phase): boolean {
  return phase === 'locked' || phase === 'held_back' || phase === 'ready' || phase === 'delayed';
}

/** Who waits and who runs, kept at every step; a lane's census adds to the one of the whole queue. */
export class Census {
  readonly waitingByClass: Record<Priority, number> = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 };
  readonly runningByClass: Record<Priority, number> = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 };
  readonly parked = { lock: 0, share: 0 };
  waiting = 0;
  running = 0;

  constructor(private readonly whole?: Census) {}

  countWaiting(phase: Phase, priority: Priority, change: 1 | -1): void {
    if (!isWaiting(phase)) return;
    this.waiting += change;
    this.waitingByClass[priority] += change;
    if (phase === 'locked') this.parked.lock += change;
    if (phase === 'held_back') this.parked.share += change;
    this.whole?.countWaiting(phase, priority, change);
  }

  countRunning(priority: Priority, change: 1 | -1): void {
    this.running += change;
    this.runningByClass[priority] += change;
    this.whole?.countRunning(priority, change);
  }

  /** Those who would be served before a newcomer of this class. */
  ahead(priority: Priority): number {
    let ahead = 0;
    for (let more = 0; more <= priority; more += 1) ahead += this.waitingByClass[more as Priority];
    return ahead;
  }
}
