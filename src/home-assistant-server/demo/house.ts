import { isDeepStrictEqual } from 'node:util';
import type { Fields } from '../fields.js';
import { type Clock, systemClock } from './clock.js';
import { ENTITIES, type FirstState } from './entities.js';
import { History } from './history.js';
import { type Change, type Context, newContext, type State } from './state.js';

/** A house in memory: the states, who is told of their changes, and their past. It knows no service and no protocol. */
export class House {
  readonly history: History;
  private readonly states = new Map<string, State>();
  private readonly homes = new Map<string, Pick<FirstState, 'area' | 'device'>>();
  private readonly changeListeners = new Set<(change: Change) => void>();
  private readonly eventListeners = new Set<(type: string, data: Fields) => void>();
  private readonly untold: Change[] = [];

  constructor(readonly clock: Clock = systemClock) {
    this.history = new History(() => this.clock.now() / 1000);
    const context = newContext(null);
    for (const { id, name, state, attributes, area, device } of ENTITIES) {
      this.homes.set(id, { area, device });
      this.set(id, { state, attributes: { ...attributes, friendly_name: name } }, context);
    }
    this.history.begin([...this.states.values()]);
  }

  get(entityId: string): State | undefined {
    return this.states.get(entityId);
  }

  all(domain?: string): State[] {
    const all = [...this.states.values()];
    return domain === undefined ? all : all.filter(({ entityId }) => entityId.startsWith(`${domain}.`));
  }

  home(entityId: string): Pick<FirstState, 'area' | 'device'> {
    return this.homes.get(entityId) ?? {};
  }

  /** Attributes are merged. Values that are there already change nothing and are told to nobody. */
  set(entityId: string, { state, attributes }: { state?: string; attributes?: Fields }, context: Context): void {
    const before = this.states.get(entityId);
    const now = this.clock.now() / 1000;
    const merged = { ...before?.attributes, ...attributes, demo: true };
    const value = state ?? before?.state ?? 'unknown';
    const lastChanged = before?.state === value ? before.lastChanged : now;
    if (before?.state === value && isDeepStrictEqual(before.attributes, merged)) return;
    const after = { entityId, state: value, attributes: merged, lastChanged, lastUpdated: now, context };
    this.states.set(entityId, after);
    this.history.record(after);
    this.tell({ entityId, before, after });
  }

  remove(entityId: string): void {
    const before = this.states.get(entityId);
    if (this.states.delete(entityId)) this.tell({ entityId, before });
  }

  /** Called in the order of the changes, before `set` returns. The answer ends it. */
  onChange(listener: (change: Change) => void): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  fire(type: string, data: Fields): void {
    for (const listener of [...this.eventListeners]) listener(type, data);
  }

  onEvent(listener: (type: string, data: Fields) => void): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  /** A listener may change the house again; everybody hears of that after what caused it. */
  private tell(change: Change): void {
    this.untold.push(change);
    if (this.untold.length > 1) return;
    for (let next = this.untold[0]; next !== undefined; this.untold.shift(), next = this.untold[0]) {
      for (const listener of [...this.changeListeners]) listener(next);
    }
  }
}
