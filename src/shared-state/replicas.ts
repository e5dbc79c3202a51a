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
    // who was missed is heard a second later
    this.unsubscribe = this.shared.subscribe(
      CHANNEL,
      (message) => this.hear(message),
      () => undefined,
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

  private beat(): void {
    void this.shared.publish(CHANNEL, { from: this.id, summary: this.summary() });
    this.stopBeat = this.clock.after(BEAT_MS, () => this.beat());
  }

  private hear(message: Json): void {
    if (!isJsonObject(message) || typeof message.from !== 'string') return;
    const { from, summary } = message;
    if (isJsonObject(summary)) this.heard.set(from, { summary, at: this.clock.now() });
    else this.heard.delete(from);
    this.forgetSilent();
    this.count = this.live().size;
  }

  private forgetSilent(): void {
    const since = this.clock.now() - LIVE_MS;
    for (const [id, { at }] of this.heard) if (at <= since) this.heard.delete(id);
  }

  private summary(): JsonObject {
    return Object.fromEntries([...this.parts].map(([part, read]) => [part, read()]));
  }
}
