import { isDeepStrictEqual } from 'node:util';
import type { Context, Entity } from './entity.js';
import { type Fields, fieldsOf, isFields, textOf, textsOf } from './fields.js';

/** What changed: entities by id, or so much that everything has to be read anew. */
export type MirrorChange = { readonly ids: readonly string[] } | 'everything';

/** All states as Home Assistant last told them, kept by the events of `subscribe_entities`. */
export class EntityMirror {
  private readonly entities = new Map<string, Entity>();
  private readonly listeners = new Set<(change: MirrorChange) => void>();
  private dumpExpected = true;

  /** The next event is a first dump: what is not in it is gone. */
  expectDump(): void {
    this.dumpExpected = true;
  }

  /** One event. Keys and kinds that we do not know are passed over. */
  take({ a: added, c: changed, r: removed }: Fields): void {
    if (this.dumpExpected && isFields(added)) {
      this.replaceAll(added);
      return;
    }
    const ids = [...Object.keys(fieldsOf(added)), ...Object.keys(fieldsOf(changed)), ...textsOf(removed)];
    const before = ids.map((id) => this.entities.get(id));
    for (const [id, whole] of Object.entries(fieldsOf(added))) this.entities.set(id, entityOf(id, fieldsOf(whole)));
    for (const [id, diff] of Object.entries(fieldsOf(changed))) this.merge(id, fieldsOf(diff));
    for (const id of textsOf(removed)) this.entities.delete(id);
    this.tell({ ids: ids.filter((id, index) => before[index] !== this.entities.get(id)) });
  }

  get(id: string): Entity | undefined {
    return this.entities.get(id);
  }

  get size(): number {
    return this.entities.size;
  }

  /** Sorted by id; of some domains only, when they are named. */
  list(domains?: readonly string[]): Entity[] {
    const wanted = [...this.entities.values()].filter(
      ({ id }) => domains === undefined || domains.some((domain) => id.startsWith(`${domain}.`)),
    );
    return wanted.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  ids(): Iterable<string> {
    return this.entities.keys();
  }

  values(): Iterable<Entity> {
    return this.entities.values();
  }

  /** Called after every change, in order. The answer ends it. */
  onChange(listener: (change: MirrorChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private replaceAll(dump: Fields): void {
    this.dumpExpected = false;
    this.entities.clear();
    for (const [id, whole] of Object.entries(dump)) this.entities.set(id, entityOf(id, fieldsOf(whole)));
    this.tell('everything');
  }

  private merge(id: string, { '+': plus, '-': minus }: Fields): void {
    const before = this.entities.get(id);
    if (before === undefined) return;
    const { s: state, a: attributes, c: context, lc, lu } = fieldsOf(plus);
    const gone = textsOf(fieldsOf(minus).a);
    const kept = Object.entries({ ...before.attributes, ...fieldsOf(attributes) }).filter(([name]) => !gone.includes(name));
    const after = {
      id,
      state: textOf(state) ?? before.state,
      attributes: Object.fromEntries(kept),
      lastChanged: typeof lc === 'number' ? lc : before.lastChanged,
      lastUpdated: firstNumber(lu, lc, before.lastUpdated),
      context: contextOf(context, before.context),
    };
    if (!isDeepStrictEqual(before, after)) this.entities.set(id, after);
  }

  private tell(change: MirrorChange): void {
    if (change !== 'everything' && change.ids.length === 0) return;
    for (const listener of [...this.listeners]) listener(change);
  }
}

function entityOf(id: string, { s: state, a: attributes, c: context, lc, lu }: Fields): Entity {
  return {
    id,
    state: textOf(state) ?? 'unknown',
    attributes: fieldsOf(attributes),
    lastChanged: firstNumber(lc),
    lastUpdated: firstNumber(lu, lc),
    context: contextOf(context, { id: '', parent_id: null, user_id: null }),
  };
}

/** An id alone, or an object of only the keys that changed. */
function contextOf(context: unknown, before: Context): Context {
  if (typeof context === 'string') return { ...before, id: context };
  return { ...before, ...fieldsOf(context) };
}

function firstNumber(...values: readonly unknown[]): number {
  return values.find((value) => typeof value === 'number') ?? 0;
}
