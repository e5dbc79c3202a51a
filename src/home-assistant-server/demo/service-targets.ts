import type { Fields } from '../fields.js';
import { DEVICES } from './entities.js';
import type { House } from './house.js';
import { type Service, ServiceError } from './service.js';

const TARGET_KEYS = ['entity_id', 'device_id', 'area_id', 'floor_id', 'label_id'] as const;
const ENTITY_ID = /^[a-z0-9_]+\.[a-z0-9_]+$/;

/**
 * Splits what a call brought into data and the entities that it means. Like Home Assistant it says nothing about
 * a target that is absent or of another domain: there is simply nothing to do.
 */
export function readTargets(
  house: House,
  service: Service,
  domain: string | undefined,
  given: Fields,
): { data: Fields; targets: string[] } {
  const data = { ...given };
  if (service.target === 'none') return { data, targets: [] };
  const named = TARGET_KEYS.map((key) => [key, take(data, key)] as const).filter(([, words]) => words !== undefined);
  if (named.length === 0 && service.target === 'required') {
    throw new ServiceError('invalid_format', `must contain at least one of ${TARGET_KEYS.join(', ')}.`);
  }
  const meant = new Set(named.flatMap(([key, words]) => entitiesBehind(house, key, words ?? [])));
  const known = house.all(domain).map(({ entityId }) => entityId);
  const everything = named.some(([key, words]) => key === 'entity_id' && words?.includes('all') === true);
  return { data, targets: everything ? known : known.filter((id) => meant.has(id)) };
}

function take(data: Record<string, unknown>, key: (typeof TARGET_KEYS)[number]): string[] | undefined {
  if (!(key in data)) return undefined;
  const words = wordsOf(data[key], key);
  Reflect.deleteProperty(data, key);
  return words;
}

function wordsOf(value: unknown, key: string): string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => {
    if (typeof item !== 'string') throw new ServiceError('invalid_format', `expected str for dictionary value @ data['${key}']`);
    if (item.includes('{{'))
      throw new ServiceError('invalid_format', `Templates are not supported in ${key} for dictionary value @ data['${key}']`);
    return item.split(',').map((word) => word.trim().toLowerCase());
  });
}

function entitiesBehind(house: House, key: (typeof TARGET_KEYS)[number], words: readonly string[]): string[] {
  if (key === 'entity_id') return words.map(entityId);
  return house
    .all()
    .map((state) => state.entityId)
    .filter((id) => {
      const { area, device } = house.home(id);
      const place = area ?? DEVICES.find((known) => known.id === device)?.area_id;
      return words.some((word) => (key === 'area_id' && word === place) || (key === 'device_id' && word === device));
    });
}

function entityId(word: string): string {
  if (word === 'all' || word === 'none' || ENTITY_ID.test(word)) return word;
  throw new ServiceError('invalid_format', `Entity ID ${word} is an invalid entity ID for dictionary value @ data['entity_id']`);
}
