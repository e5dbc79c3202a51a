import { type Entity, nameOf } from './entity.js';
import type { EntityMirror } from './entity-mirror.js';
import { fieldsOf, listOf, textOf, textsOf } from './fields.js';
import { fold, type Named } from './french.js';
import { type Place, type Places, placesOf } from './places.js';
import { Registry } from './registry.js';

/** Areas, devices, labels, floors: who stands where. */
export class Targets {
  /** Entities first, then areas, devices, labels and floors. */
  readonly registries: readonly Registry[];
  private last: { readonly tables: readonly unknown[]; readonly places: Places } | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(ask: (command: string) => Promise<unknown>) {
    const list = (table: string, command = 'list') => new Registry(`config/${table}/${command}`, `${table}_updated`, ask);
    this.registries = [
      list('entity_registry', 'list_for_display'),
      list('area_registry'),
      list('device_registry'),
      list('label_registry'),
      list('floor_registry'),
    ];
  }

  /** @throws HouseFailure */
  async places(signal: AbortSignal): Promise<Places> {
    const tables = await Promise.all(this.registries.map((registry) => registry.read(signal)));
    if (!this.last || tables.some((table, index) => table !== this.last?.tables[index])) {
      const [entities, ...rows] = tables;
      const [areas = [], devices = [], labels = [], floors = []] = rows.map((table) => listOf(table).map(fieldsOf));
      const displayed = listOf(fieldsOf(entities).entities).map(fieldsOf);
      this.last = { tables, places: placesOf({ displayed, areas, devices, labels, floors }) };
    }
    return this.last.places;
  }

  forget(registry: Registry): void {
    registry.forget();
    for (const listener of this.listeners) listener();
  }

  forgetAll(): void {
    for (const registry of this.registries) registry.forget();
    for (const listener of this.listeners) listener();
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }
}

/** The place that a person means: by id, or by name without regard to case and accents. */
export function findPlace(places: readonly Place[], wanted: string): Place | undefined {
  return places.find(({ id }) => id === wanted) ?? places.find(({ id, name }) => fold(id) === fold(wanted) || fold(name) === fold(wanted));
}

/** The entities that a group, a scene or the like acts on, through groups in groups, itself not among them. */
export function membersOf(entity: Entity, mirror: EntityMirror): Set<string> {
  const found = new Set<string>();
  const open = [...idsToldBy(entity)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id) || id === entity.id) continue;
    found.add(id);
    open.push(...idsToldBy(mirror.get(id)));
  }
  return found;
}

function idsToldBy(entity: Entity | undefined): readonly string[] {
  const told = entity?.attributes.entity_id;
  const one = textOf(told);
  return one === undefined ? textsOf(told) : [one];
}

export function named(mirror: EntityMirror): Named[] {
  return Array.from(mirror.values(), (entity) => ({ id: entity.id, name: nameOf(entity) }));
}
