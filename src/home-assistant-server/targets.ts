import { type Entity, nameOf } from './entity.js';
import type { EntityMirror } from './entity-mirror.js';
import { type Fields, fieldsOf, listOf, textOf, textsOf } from './fields.js';
import { fold, type Named } from './french.js';
import { Registry } from './registry.js';

/** Besides entities: what a call can be aimed at. */
export const PLACE_KEYS = ['area_id', 'device_id', 'label_id', 'floor_id'] as const;
export type PlaceKey = (typeof PLACE_KEYS)[number];

/** A place as the registries tell it, and the entities in it. */
export interface Place extends Named {
  readonly entities: ReadonlySet<string>;
}

/** Areas, devices, labels, floors: who stands where. */
export class Targets {
  readonly registries: readonly Registry[];
  private readonly entities: Registry;
  private readonly byKey: Readonly<Record<PlaceKey, Registry>>;
  private readonly listeners = new Set<() => void>();

  constructor(ask: (command: string) => Promise<unknown>) {
    this.entities = new Registry('config/entity_registry/list_for_display', 'entity_registry_updated', ask);
    this.byKey = {
      area_id: new Registry('config/area_registry/list', 'area_registry_updated', ask),
      device_id: new Registry('config/device_registry/list', 'device_registry_updated', ask),
      label_id: new Registry('config/label_registry/list', 'label_registry_updated', ask),
      floor_id: new Registry('config/floor_registry/list', 'floor_registry_updated', ask),
    };
    this.registries = [this.entities, ...Object.values(this.byKey)];
  }

  /** @throws HouseFailure */
  async places(signal: AbortSignal): Promise<Readonly<Record<PlaceKey, readonly Place[]>>> {
    const [entities, areas, devices, labels, floors] = await Promise.all([
      this.entities.read(signal),
      this.rows('area_id', signal),
      this.rows('device_id', signal),
      this.rows('label_id', signal),
      this.rows('floor_id', signal),
    ]);
    const homes = listOf(fieldsOf(entities).entities).map((row) => homeOf(fieldsOf(row), devices, areas));
    const place = (key: keyof Home, id: unknown, name: unknown): Place => ({
      id: String(id),
      name: textOf(name) ?? String(id),
      entities: new Set(homes.filter((home) => home[key].includes(String(id))).map(({ entity }) => entity)),
    });
    return {
      area_id: areas.map(({ area_id: id, name }) => place('areas', id, name)),
      device_id: devices.map(({ id, name, name_by_user: own }) => place('devices', id, own ?? name)),
      label_id: labels.map(({ label_id: id, name }) => place('labels', id, name)),
      floor_id: floors.map(({ floor_id: id, name }) => place('floors', id, name)),
    };
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

  private async rows(key: PlaceKey, signal: AbortSignal): Promise<readonly Fields[]> {
    return listOf(await this.byKey[key].read(signal)).map(fieldsOf);
  }
}

/** The place that a person means: by id, or by name without regard to case and accents. */
export function findPlace(places: readonly Place[], wanted: string): Place | undefined {
  return places.find(({ id }) => id === wanted) ?? places.find(({ id, name }) => fold(id) === fold(wanted) || fold(name) === fold(wanted));
}

/** The entities that a group, a scene or the like acts on, through groups in groups, itself not among them. */
export function membersOf(entity: Entity, mirror: EntityMirror): Set<string> {
  const found = new Set<string>();
  const open = [...textsOf(entity.attributes.entity_id)];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id) || id === entity.id) continue;
    found.add(id);
    open.push(...textsOf(mirror.get(id)?.attributes.entity_id));
  }
  return found;
}

export function named(mirror: EntityMirror): Named[] {
  return Array.from(mirror.values(), (entity) => ({ id: entity.id, name: nameOf(entity) }));
}

interface Home {
  readonly entity: string;
  readonly areas: readonly string[];
  readonly devices: readonly string[];
  readonly labels: readonly string[];
  readonly floors: readonly string[];
}

/** An entity without an area has its device's, and the labels of its device and area besides its own. */
function homeOf({ ei, ai, di, lb }: Fields, devices: readonly Fields[], areas: readonly Fields[]): Home & { entity: string } {
  const device = devices.find(({ id }) => id === di);
  const areaId = ai ?? device?.area_id;
  const area = areas.find(({ area_id: id }) => id === areaId);
  return {
    entity: String(ei),
    areas: some(areaId),
    devices: some(di),
    labels: [...textsOf(lb), ...textsOf(device?.labels), ...textsOf(area?.labels)],
    floors: some(area?.floor_id),
  };
}

function some(id: unknown): readonly string[] {
  return typeof id === 'string' ? [id] : [];
}
