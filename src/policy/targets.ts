import type { JsonObject } from '../call/json.js';
import { objectOf, UNREADABLE, valueAt } from './arguments.js';
import { GroupTable } from './group-table.js';
import { type KeyTree, ROOT } from './key-tree.js';
import type { ToolRule } from './rules.js';
import { render, renderAll } from './template.js';

/** `/a | /b`, `kind=/path` or `keys(/path)`. */
export const TARGET = /^(?:keys\((?<keysOf>\/[^()]*)\)|(?:(?<kind>\w+)=)?(?<pointers>\/[^|\s]+(?:\s*\|\s*\/[^|\s]+)*))$/;

/** What is known of groups: nothing can be resolved before an upstream that has some told of them. */
export type Groups = GroupTable | 'untold';

/**
 * Which keys a call is about. What cannot be told rises to a coarser key, never to nothing.
 * @param groups absent for an upstream that has none
 */
export function keysOf(rule: ToolRule, args: JsonObject, keys: KeyTree, groups?: Groups): readonly string[] {
  if (rule.lock) return rule.lock.flatMap((template) => renderAll(template, args, keys) ?? [ROOT]);
  if (!rule.targets) return [];
  const coarse = (template: string | undefined) => coarseKey(template, args, keys);
  const targets = rule.targets.flatMap((target) => readTarget(target, args, keys));
  if (targets.length === 0) return [coarse(rule.without)];
  const found = targets.flatMap(({ kind, id }) => {
    if (id === undefined) return [coarse(rule.unresolved)];
    if (kind !== undefined) return placeOf(kind, id, groups) ?? [coarse(rule.unresolved)];
    const word = wordOf(rule, id);
    if (word !== undefined) return [coarse(word)];
    const own = withPrefix(rule.targetPrefix, id);
    if (groups === 'untold') return [own, coarse(rule.unresolved)];
    return [own, ...(groups?.behind(own) ?? [])];
  });
  return [...new Set(found)];
}

/** What stands for a target that cannot be told: the rule's own word, else everything. */
function coarseKey(template: string | undefined, args: JsonObject, keys: KeyTree): string {
  return template === undefined ? ROOT : (render(template, args, keys) ?? ROOT);
}

function placeOf(kind: string, id: string, groups?: Groups): readonly string[] | undefined {
  return groups instanceof GroupTable ? groups.within(kind, id) : undefined;
}

interface Target {
  readonly kind?: string;
  /** Absent when it is there and cannot be read: a template, a number, a list in a list. */
  readonly id?: string;
}

function readTarget(target: string, args: JsonObject, keys: KeyTree): Target[] {
  const { keysOf: container, kind, pointers = '' } = TARGET.exec(target)?.groups ?? {};
  const named = (id?: string): Target => ({ ...(kind !== undefined && { kind }), ...(id !== undefined && { id }) });
  if (container !== undefined) {
    const value = valueAt(args, container);
    const inside = value === UNREADABLE ? UNREADABLE : objectOf(value);
    if (inside === UNREADABLE) return [named()];
    return Object.keys(inside ?? {}).map((id) => named(readable(keys.normalize(id))));
  }
  const value = firstGiven(args, pointers);
  if (value === undefined) return [];
  if (value === UNREADABLE) return [named()];
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => (typeof item === 'string' ? keys.split(item).map((id) => named(readable(id, kind))) : [named()]));
}

function firstGiven(args: JsonObject, pointers: string) {
  for (const pointer of pointers.split('|')) {
    const value = valueAt(args, pointer.trim());
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A template is not an id: only the upstream knows what it will become. What a kind names may be a name of several words. */
function readable(id: string, kind?: string): string | undefined {
  const odd = kind === undefined ? /[{}\s]/ : /[{}]/;
  return odd.test(id) || id === ROOT ? undefined : id;
}

function wordOf({ words }: ToolRule, id: string): string | undefined {
  return words && Object.hasOwn(words, id) ? words[id] : undefined;
}

function withPrefix(prefix: string | undefined, id: string): string {
  return prefix === undefined || id.startsWith(prefix) ? id : prefix + id;
}
