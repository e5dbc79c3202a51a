import type { Json, JsonObject } from './json.js';

/**
 * What `JSON.parse(JSON.stringify(value))` gives, at a fraction of the price: the texts of a call are many and small.
 * Only for what is JSON by its type; the members that are undefined all the same are left out, as JSON does.
 */
export function jsonCopy(value: Json): Json {
  if (value === 0) return 0; // JSON has no negative zero
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.map(jsonCopy) : objectCopy(value);
}

function objectCopy(value: JsonObject): JsonObject {
  // by spreading, because assigning to `__proto__` would not make a member
  const copy: Record<string, Json | undefined> = { ...value };
  for (const key of Object.keys(copy)) {
    const member = copy[key];
    if (member === undefined) Reflect.deleteProperty(copy, key);
    else if (typeof member === 'object' || member === 0) copy[key] = jsonCopy(member);
  }
  return copy as JsonObject;
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
