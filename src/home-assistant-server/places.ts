import { type Fields, textOf, textsOf } from './fields.js';
import type { Named } from './french.js';

/** Besides entities: what a call can be aimed at. */
export const PLACE_KEYS = ['area_id', 'device_id', 'label_id', 'floor_id'] as const;
export type PlaceKey = (typeof PLACE_KEYS)[number];

/** A place as the registries tell it, and the entities in it. */
export interface Place extends Named {
  readonly entities: ReadonlySet<string>;
}

export type Places = Readonly<Record<PlaceKey, readonly Place[]>>;

/** The rows of Home Assistant's tables; `displayed` are the entities in the short keys of their display list. */
export interface RegistryRows {
  readonly displayed: readonly Fields[];
  readonly areas: readonly Fields[];
  readonly devices: readonly Fields[];
  readonly labels: readonly Fields[];
  readonly floors: readonly Fields[];
}

/** Who stands where, in one pass over the entities. */
export function placesOf({ displayed, areas, devices, labels, floors }: RegistryRows): Places {
  const inhabitants = new Map<string, Set<string>>();
  const deviceById = new Map(devices.map((device) => [device.id, device]));
  const areaById = new Map(areas.map((area) => [area.area_id, area]));
  for (const entity of displayed) {
    const device = deviceById.get(entity.di);
    // an entity without an area has its device's, and the labels of both besides its own
    const area = areaById.get(entity.ai ?? device?.area_id);
    const labelled = [...textsOf(entity.lb), ...textsOf(device?.labels), ...textsOf(area?.labels)];
    add(inhabitants, 'device_id', entity.di, entity.ei);
    add(inhabitants, 'area_id', area?.area_id, entity.ei);
    add(inhabitants, 'floor_id', area?.floor_id, entity.ei);
    for (const label of labelled) add(inhabitants, 'label_id', label, entity.ei);
  }
  const place = (key: PlaceKey, id: unknown, name: unknown): Place => ({
    id: String(id),
    name: textOf(name) ?? String(id),
    entities: inhabitants.get(`${key}:${String(id)}`) ?? new Set(),
  });
  return {
    area_id: areas.map(({ area_id: id, name }) => place('area_id', id, name)),
    device_id: devices.map(({ id, name, name_by_user: own }) => place('device_id', id, own ?? name)),
    label_id: labels.map(({ label_id: id, name }) => place('label_id', id, name)),
    floor_id: floors.map(({ floor_id: id, name }) => place('floor_id', id, name)),
  };
}

function add(inhabitants: Map<string, Set<string>>, key: PlaceKey, place: unknown, entity: unknown): void {
  if (typeof place !== 'string' || typeof entity !== 'string') return;
  const id = `${key}:${place}`;
  const known = inhabitants.get(id);
  if (known) known.add(entity);
  else inhabitants.set(id, new Set([entity]));
}
