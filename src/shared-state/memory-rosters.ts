import type { Clock } from '../call/clock.js';
import { ExpiringMap } from './expiring-map.js';

/** Names with a time of their own, in lists of limited length. */
export class MemoryRosters {
  private readonly rosters: ExpiringMap<Roster>;

  constructor(private readonly clock: Clock) {
    this.rosters = new ExpiringMap(clock);
  }

  join(name: string, member: string, ttlMs: number, capacity: number): boolean {
    const now = this.clock.now();
    const { members, until } = this.rosters.get(name) ?? { members: new Map<string, number>(), until: now };
    if (members.size >= capacity) dropEnded(members, now);
    if (!members.has(member) && members.size >= capacity) return false;
    members.set(member, now + ttlMs);
    const last = Math.max(until, now + ttlMs);
    this.rosters.set(name, { members, until: last }, last - now);
    return true;
  }

  leave(name: string, member: string): void {
    this.rosters.get(name)?.members.delete(member);
  }

  members(name: string): readonly string[] {
    const now = this.clock.now();
    return [...(this.rosters.get(name)?.members ?? [])].filter(([, until]) => until > now).map(([member]) => member);
  }

  clear(): void {
    this.rosters.clear();
  }
}

interface Roster {
  /** Each with the moment at which its time is over; one whose time is over is dropped when its place is wanted. */
  readonly members: Map<string, number>;
  /** No member stays for longer. */
  readonly until: number;
}

function dropEnded(members: Map<string, number>, now: number): void {
  for (const [member, until] of members) if (until <= now) members.delete(member);
}
