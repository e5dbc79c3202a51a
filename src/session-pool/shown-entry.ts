import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import { isPlain, shownText } from '../call/shown-text.js';

/** In characters: what a reader, or a model, is asked to read at once. */
const MOST = { title: 256, description: 16_384 } as const;
const LONGEST_NAME = 256;
const LONGEST_ADDRESS = 8192;

/** By what callers name the entries of each list. */
const NAMED_BY: Readonly<Record<string, { readonly key: string; readonly longest: number }>> = {
  tools: { key: 'name', longest: LONGEST_NAME },
  prompts: { key: 'name', longest: LONGEST_NAME },
  resources: { key: 'uri', longest: LONGEST_ADDRESS },
  resourceTemplates: { key: 'uriTemplate', longest: LONGEST_ADDRESS },
};

/**
 * One entry of a child's list, with titles and descriptions cut and free of what hides in them; all else, schemas too, as
 * it came. Undefined when no caller could name it: its name is too long, or something is hidden in it.
 */
export function shownEntry(list: string, entry: Json): Json | undefined {
  const named = NAMED_BY[list];
  if (!isJsonObject(entry) || named === undefined) return entry;
  const identity = entry[named.key];
  if (typeof identity === 'string' && (identity.length > named.longest || !isPlain(identity))) return undefined;
  return named.key === 'name' ? shownWords(entry) : withShownText(shownWords(entry), 'name');
}

/** What a child says of itself. */
export function shownServer(serverInfo: JsonObject): JsonObject {
  return withShownText(withShownText(shownWords(serverInfo), 'name'), 'version');
}

export function shownInstructions(text: string): string {
  return shownText(text, MOST.description);
}

function shownWords(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, field]) => [key, shownField(key, field)]));
}

function shownField(key: string, field: Json): Json {
  if (Array.isArray(field)) return (field as readonly Json[]).map((item) => shownField('', item));
  if (isJsonObject(field)) return shownWords(field);
  return typeof field === 'string' && isWordsKey(key) ? shownText(field, MOST[key]) : field;
}

function isWordsKey(key: string): key is keyof typeof MOST {
  return Object.hasOwn(MOST, key);
}

function withShownText(object: JsonObject, key: string): JsonObject {
  const text = object[key];
  return typeof text === 'string' ? { ...object, [key]: shownText(text, LONGEST_NAME) } : object;
}
