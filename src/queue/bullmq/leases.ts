import type { Clock } from '../../call/clock.js';
import type { ClusterTimes } from './cluster-times.js';
import type { RenewAnswer } from './gate-answers.js';
import type { Held } from './gate.js';

/** Something that is ours for as long as we say so in time. */
export interface Leased {
  readonly handOut: Held;
  /** By the monotonic clock: when the last word that proves the lease had been sent. */
  provenAt: number;
  /** Others may begin it soon, or have. */
  lost(why: 'taken' | 'fenced'): void;
  /** Still ours, with the time that the latest joiner leaves it. */
  renewed(remainingMs: number): void;
}

/**
 * Keeps what this replica has in hand, and gives it up before others may take it: by the monotonic clock, and counted
 * from the sending of the last word that passed, whatever Redis or the network did meanwhile.
 */
export class Leases {
  private readonly leased = new Map<string, Leased>();
  private stopTick: (() => void) | undefined;
  private sinceRenewMs = 0;
  private lastTick: number;
  /** When the last renewal that passed was sent. */
  lastRenewAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly times: Pick<ClusterTimes, 'renewMs' | 'fenceMs' | 'fenceTickMs'>,
    private readonly renewAll: (held: readonly Held[]) => Promise<RenewAnswer>,
  ) {
    this.lastTick = clock.now();
  }

  start(): void {
    this.lastTick = this.clock.now();
    this.stopTick = this.clock.after(this.times.fenceTickMs, () => this.tick());
  }

  hold(leased: Leased): void {
    this.leased.set(leased.handOut.holder, leased);
  }

  drop(leased: Leased): void {
    this.leased.delete(leased.handOut.holder);
  }

  /** A process that was frozen wakes up here with no timer fired: the age tells. */
  isProven({ provenAt }: Leased): boolean {
    return this.clock.now() - provenAt < this.times.fenceMs;
  }

  /** Says for all that is held that we live; never rejects. @returns whether Redis heard it */
  async renew(): Promise<boolean> {
    this.sinceRenewMs = 0;
    const sentAt = this.clock.now();
    const asked = [...this.leased.values()].map(({ handOut }) => handOut);
    const answer = await this.renewAll(asked).catch(() => undefined);
    if (!answer) return false;
    this.lastRenewAt = sentAt;
    this.conclude(answer, sentAt);
    return true;
  }

  close(): void {
    this.stopTick?.();
    this.stopTick = undefined;
  }

  /** What came to its end meanwhile is not held any more, and hears nothing. */
  private conclude({ lost, renewed }: RenewAnswer, sentAt: number): void {
    for (const { holder, remainingMs } of renewed) {
      const leased = this.leased.get(holder);
      if (!leased) continue;
      leased.provenAt = Math.max(leased.provenAt, sentAt);
      leased.renewed(remainingMs);
    }
    // what is missing was not renewed, and that is all: the fence bounds it, and a short call still ends in truth
    for (const holder of lost) this.giveUp(this.leased.get(holder), 'taken');
  }

  private tick(): void {
    const now = this.clock.now();
    for (const leased of [...this.leased.values()]) if (!this.isProven(leased)) this.giveUp(leased, 'fenced');
    this.sinceRenewMs += now - this.lastTick;
    this.lastTick = now;
    if (this.sinceRenewMs >= this.times.renewMs && this.leased.size > 0) void this.renew();
    this.stopTick = this.clock.after(this.times.fenceTickMs, () => this.tick());
  }

  /** Told once: what was given up is not held. */
  private giveUp(leased: Leased | undefined, why: 'taken' | 'fenced'): void {
    if (leased && this.leased.delete(leased.handOut.holder)) leased.lost(why);
  }
}
