import { isJsonObject, type Json, type JsonObject } from '../call/json.js';

/** What an argument holds that cannot be read as text. */
export const UNREADABLE = Symbol('unreadable');

/** What stands at a JSON pointer; an object given as JSON text counts as the object. Absent, null and empty are one. */
export function valueAt(args: JsonObject, pointer: string): Json | undefined | typeof UNREADABLE {
  let value: Json | undefined = args;
  for (const part of pointer.split('/').slice(1)) {
    const inside: JsonObject | undefined | typeof UNREADABLE = objectOf(value);
    if (inside === UNREADABLE) return UNREADABLE;
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = inside && Object.hasOwn(inside, name) ? inside[name] : undefined;
  }
  return isGiven(value) ? value : undefined;
}

export function objectOf(value: Json | undefined): JsonObject | undefined | typeof UNREADABLE {
  if (isJsonObject(value)) return value;
  if (!isGiven(value)) return undefined;
  if (typeof value !== 'string') return UNREADABLE;
  try {
    const parsed: unknown = JSON.parse(value);
    return isJsonObject(parsed) ? parsed : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

function isGiven(value: Json | undefined): value is Json {
  if (value === undefined || value === null) return false;
  return typeof value === 'string' ? value.trim() !== '' : !(Array.isArray(value) && value.length === 0);
}
