import { hashOf } from '../call/canonical-json.js';
import { isJsonObject, type JsonObject } from '../call/json.js';

/**
 * The tools of one upstream as it listed them last, kept as parsed: no schema library ever sees them, so `enum`, `oneOf`,
 * `$ref` and `$defs` stay what they were. A server that is down keeps its list, labelled stale.
 */
export class ToolCatalog {
  /** The whole answer to tools/list, all pages as one. */
  list?: JsonObject;
  /** Names the tools and their order; undefined until a first list came. */
  hash?: string;
  /** The upstream has said that it changed, or is away: the next list may differ. */
  stale = false;
  private byName: ReadonlyMap<string, JsonObject> = new Map();
  private readonly hashes = new WeakMap<JsonObject, string>();

  /** The name where it is one of the server's own, else `other`: what a metric may be labelled with. */
  labelOf(name: string): string {
    return this.find(name) ? name : 'other';
  }

  /** The upstream's own words about one tool. */
  find(name: string): JsonObject | undefined {
    return this.byName.get(name);
  }

  /** Whether a tool that is not found does not exist. */
  knows(): boolean {
    return this.list !== undefined && !this.stale;
  }

  /** Whether this is the list of another server, as far as ours has told. */
  contradicts(list: JsonObject): boolean {
    if (!this.knows()) return false;
    const hash = this.hashes.get(list) ?? hashOf(toolsOf(list));
    this.hashes.set(list, hash);
    return hash !== this.hash;
  }

  /** @returns whether the tools are others than before; the first list is no change */
  replace(list: JsonObject): boolean {
    const tools = toolsOf(list);
    const hash = hashOf(tools);
    const moved = this.hash !== undefined && this.hash !== hash;
    this.list = list;
    this.hash = hash;
    this.stale = false;
    this.byName = new Map(tools.flatMap((tool) => (typeof tool.name === 'string' ? [[tool.name, tool] as const] : [])));
    return moved;
  }
}

function toolsOf({ tools }: JsonObject): readonly JsonObject[] {
  return Array.isArray(tools) ? tools.filter(isJsonObject) : [];
}
