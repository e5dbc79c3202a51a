import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Clock, systemClock } from '../call/clock.js';
import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import type { SharedState } from './shared-state.js';

const CHANNEL = 'replicas';
const BEAT_MS = 1000;
const LIVE_MS = 5000;

/**
 * Who shares the work: each replica tells the others once a second that it lives, with a summary of itself to which any
 * part may add. A count that is summed over replicas is `live()` of what one part contributes.
 */
@Injectable()
export class Replicas implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly parts = new Map<string, () => Json>();
  private readonly heard = new Map<string, { readonly summary: JsonObject; readonly at: number }>();
  private readonly watches = new Set<{ readonly id: string; readonly onGone: () => void }>();
  /** Our own words come back to us on the same way as those of the others: while they do, who says nothing is silent. */
  private hearing = { since: Number.POSITIVE_INFINITY, at: Number.NEGATIVE_INFINITY };
  private count = 1;
  private unsubscribe?: () => void;
  private stopBeat?: () => void;

  /** @param id of this process; another one after each start */
  constructor(
    readonly id: string,
    private readonly shared: SharedState,
    private readonly clock: Clock = systemClock,
  ) {}

  onApplicationBootstrap(): void {
    this.unsubscribe = this.shared.subscribe(
      CHANNEL,
      (message) => this.hear(message),
      () => this.missed(),
    );
    this.beat();
  }

  onModuleDestroy(): void {
    if (!this.unsubscribe) return;
    this.stopBeat?.();
    this.unsubscribe();
    void this.shared.publish(CHANNEL, { from: this.id });
  }

  /** @param read tells what a part knows of this replica, whenever somebody asks; it stands in the summary under `part` */
  contribute(part: string, read: () => Json): void {
    this.parts.set(part, read);
  }

  /** The summaries of all replicas heard within five seconds, by id; our own is always there, and of this moment. */
  live(): ReadonlyMap<string, JsonObject> {
    const since = this.clock.now() - LIVE_MS;
    const others = [...this.heard].filter(([id, { at }]) => id !== this.id && at > since);
    return new Map([[this.id, this.summary()], ...others.map(([id, { summary }]) => [id, summary] as const)]);
  }

  /** How many there were when anybody was last heard: while the store is away, as many as before. */
  get lastCount(): number {
    return this.count;
  }

  /**
   * Whether a replica has ended, as far as others can know: it said farewell, or was silent for five seconds in which we
   * heard ourselves. Nobody is gone while we hear nothing, or have not listened for so long.
   */
  isGone(id: string): boolean {
    if (id === this.id) return false;
    const since = this.clock.now() - LIVE_MS;
    const isHearing = this.hearing.at > since && this.hearing.since <= since;
    return isHearing && (this.heard.get(id)?.at ?? Number.NEGATIVE_INFINITY) <= since;
  }

  /**
   * Calls back once, when that replica is found to be gone.
   * @returns ends the watching
   */
  whenGone(id: string, onGone: () => void): () => void {
    const watch = { id, onGone };
    this.watches.add(watch);
    return () => this.watches.delete(watch);
  }

  private beat(): void {
    void this.shared.publish(CHANNEL, { from: this.id, summary: this.summary() });
    this.stopBeat = this.clock.after(BEAT_MS, () => this.beat());
  }

  private hear(message: Json): void {
    if (!isJsonObject(message) || typeof message.from !== 'string') return;
    const { from, summary } = message;
    if (isJsonObject(summary)) this.heard.set(from, { summary, at: this.clock.now() });
    else this.heard.delete(from);
    if (from === this.id) this.heardOurselves();
    this.forgetSilent();
    this.count = this.live().size;
    for (const watch of this.watches) if (this.isGone(watch.id) && this.watches.delete(watch)) watch.onGone();
  }

  private heardOurselves(): void {
    const now = this.clock.now();
    this.hearing = { since: now - this.hearing.at < LIVE_MS ? this.hearing.since : now, at: now };
  }

  /** Who was missed is heard a second later, and is not silent because of that. */
  private missed(): void {
    this.hearing = { since: this.clock.now(), at: this.clock.now() };
  }

  private forgetSilent(): void {
    const since = this.clock.now() - LIVE_MS;
    for (const [id, { at }] of this.heard) if (at <= since) this.heard.delete(id);
  }

  private summary(): JsonObject {
    return Object.fromEntries([...this.parts].map(([part, read]) => [part, read()]));
  }
}
