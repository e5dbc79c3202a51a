import type { JsonObject } from '../call/json.js';
import { valueAt } from './arguments.js';
import type { KeyTree } from './key-tree.js';

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** `{domain}.{service}` with the call's arguments; undefined when one is missing or is not text. */
export function render(template: string, args: JsonObject, keys: KeyTree): string | undefined {
  let text = '';
  let end = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    text += template.slice(end, match.index);
    end = match.index + match[0].length;
    const value = valueAt(args, `/${match[1] ?? ''}`);
    if (typeof value !== 'string') return undefined;
    const word = keys.normalize(value);
    // `light` + `light.turn_on` is how some write `light.turn_on`
    text = text !== '' && word.startsWith(text) ? word : text + word;
  }
  return text + template.slice(end);
}

/** As `render`, for a template that may stand for several keys: one argument that is a list. */
export function renderAll(template: string, args: JsonObject, keys: KeyTree): readonly string[] | undefined {
  const only = /^\{([^{}]*)\}$/.exec(template)?.[1];
  if (only === undefined) {
    const key = render(template, args, keys);
    return key === undefined ? undefined : [key];
  }
  const value = valueAt(args, `/${only}`);
  const items = Array.isArray(value) ? value : [value];
  const ids = items.flatMap((item) => (typeof item === 'string' ? keys.split(item) : [undefined]));
  return ids.length > 0 && ids.every((id) => id !== undefined) ? ids : undefined;
}
