import { hash } from 'node:crypto';
import type { Json } from './json.js';

/** One text for one value: keys sorted at every level, so that equal calls look equal whatever their key order. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Readonly<Record<string, Json>>;
  let fields = '';
  for (const key of Object.keys(object).sort()) {
    fields += `${fields === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(object[key] as Json)}`;
  }
  return `{${fields}}`;
}

/** SHA-256 of the canonical text, hexadecimal: names a call without carrying its arguments. */
export function hashOf(value: Json): string {
  return hash('sha256', canonicalJson(value));
}
