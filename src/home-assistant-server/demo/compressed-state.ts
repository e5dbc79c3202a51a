import { isDeepStrictEqual } from 'node:util';
import type { Fields } from '../fields.js';
import type { Change, Context, State } from './state.js';

/** A state in the short keys of `subscribe_entities`; `lu` only when it differs from `lc`. */
export function wholeOf({ state, attributes, context, lastChanged, lastUpdated }: State): object {
  return {
    s: state,
    a: attributes,
    c: shortContext(context),
    lc: lastChanged,
    ...(lastUpdated === lastChanged ? {} : { lu: lastUpdated }),
  };
}

/** What an event of `subscribe_entities` says of one change: added, removed, or only what differs. */
export function diffOf({ entityId, before, after }: Change): object {
  if (after === undefined) return { r: [entityId] };
  if (before === undefined) return { a: { [entityId]: wholeOf(after) } };
  const gone = Object.keys(before.attributes).filter((name) => !(name in after.attributes));
  return { c: { [entityId]: { '+': plus(before, after), ...(gone.length === 0 ? {} : { '-': { a: gone } }) } } };
}

function plus(before: State, after: State): object {
  const attributes = Object.entries(after.attributes).filter(([name, value]) => !isDeepStrictEqual(before.attributes[name], value));
  const newState = before.state !== after.state;
  return {
    ...(newState ? { s: after.state, lc: after.lastChanged } : { lu: after.lastUpdated }),
    ...(attributes.length === 0 ? {} : { a: Object.fromEntries(attributes) as Fields }),
    ...(before.context.id === after.context.id ? {} : { c: contextDiff(before.context, after.context) }),
  };
}

/** The id alone when nothing else is to say. */
function shortContext(context: Context): string | Context {
  return context.parent_id === null && context.user_id === null ? context.id : context;
}

function contextDiff(before: Context, after: Context): string | object {
  const changed = Object.entries(after).filter(([key, value]) => before[key as keyof Context] !== value);
  return changed.length === 1 ? after.id : Object.fromEntries(changed);
}
