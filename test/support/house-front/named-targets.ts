import { type Fields, fieldsOf } from '../../../src/home-assistant-server/fields.js';

const PLACES = ['area_id', 'device_id', 'label_id', 'floor_id'];

/** What a service call names: ids of entities, and places as `area_id:…`. */
export function targetsOf({ target, service_data: data }: Fields): readonly string[] {
  const given = { ...fieldsOf(data), ...fieldsOf(target) };
  return ['entity_id', ...PLACES].flatMap((key) => wordsOf(given[key]).map((word) => (key === 'entity_id' ? word : `${key}:${word}`)));
}

function wordsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((item) => (typeof item === 'string' ? item.split(',').map((word) => word.trim().toLowerCase()) : []));
}
