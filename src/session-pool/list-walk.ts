import type { Json, JsonObject } from '../call/json.js';
import type { Reply } from './reply.js';
import { shownEntry } from './shown-entry.js';

const MOST_PAGES = 100;
const MOST_ENTRIES = 10_000;

/** Where each list method keeps its entries. */
const ENTRIES_OF: Readonly<Record<string, string>> = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};

export interface Walk {
  readonly reply: Reply;
  /** Why the walk ended before the list did. */
  readonly cutShort?: 'too_many_pages' | 'too_many_entries' | 'repeated_cursor';
  /** How many entries are not offered, since nobody could say their names. */
  readonly leftOut?: number;
}

/** Follows `nextCursor` to the end: one reply with every entry that can be offered, or the first page that was not a result. */
export async function walkList(method: string, page: (params: JsonObject) => Promise<Reply>): Promise<Walk> {
  const key = ENTRIES_OF[method] ?? method;
  const entries: Json[] = [];
  let leftOut = 0;
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const reply = await page(cursor === undefined ? {} : { cursor });
    if (reply.kind !== 'result') return { reply };
    const { [key]: found, nextCursor, ...rest } = reply.result;
    const fresh = Array.isArray(found) ? (found as Json[]) : [];
    const room = MOST_ENTRIES - entries.length;
    const shown = fresh.slice(0, room).map((entry) => shownEntry(key, entry));
    const offered = shown.filter((entry) => entry !== undefined);
    entries.push(...offered);
    leftOut += shown.length - offered.length;
    const whole: Walk = { reply: { kind: 'result', result: { ...rest, [key]: entries } }, ...(leftOut > 0 && { leftOut }) };
    if (fresh.length > room) return { ...whole, cutShort: 'too_many_entries' };
    if (typeof nextCursor !== 'string') return whole;
    if (seen.has(nextCursor)) return { ...whole, cutShort: 'repeated_cursor' };
    seen.add(nextCursor);
    if (seen.size >= MOST_PAGES) return { ...whole, cutShort: 'too_many_pages' };
    cursor = nextCursor;
  }
}
