import { isJsonObject, type JsonObject } from '../call/json.js';
import type { KeyTree } from './key-tree.js';

/** `area:hall` and the like, as against an id. */
const KIND_ROW = /^\w+:/;

/**
 * What ids stand for, as an upstream tells it: `{groups: {id: members, "kind:id": members}}`. A row may speak for a whole
 * branch of the tree: with `{"scene": ["*"]}` every scene without a row of its own may touch anything.
 */
export class GroupTable {
  private readonly members = new Map<string, readonly string[]>();
  private readonly holders = new Map<string, readonly string[]>();

  private constructor(
    groups: JsonObject,
    private readonly keys: KeyTree,
  ) {
    for (const [row, told] of Object.entries(groups)) {
      const members = Array.isArray(told) ? told.filter((member) => typeof member === 'string') : [];
      const normalized = members.map((member) => keys.normalize(member));
      this.add(keys.normalize(row), normalized);
    }
  }

  /** Undefined for what is no such table. */
  static from({ groups }: JsonObject, keys: KeyTree): GroupTable | undefined {
    return isJsonObject(groups) ? new GroupTable(groups, keys) : undefined;
  }

  /** Beside the id itself; nothing for one that stands for nothing else. */
  behind(id: string): readonly string[] {
    const row = this.keys.branches(id).find((key) => this.members.has(key));
    return row === undefined ? [] : (this.members.get(row) ?? []);
  }

  /** Undefined when nothing is known of it, and when nothing is known to be in it. */
  within(kind: string, id: string): readonly string[] | undefined {
    const members = this.members.get(`${kind}:${id}`);
    return members?.length ? members : undefined;
  }

  /** The ids that stand for this one too: what they show may follow it. */
  holding(id: string): readonly string[] {
    return this.holders.get(id) ?? [];
  }

  /** Two rows may come to the same key by their spelling: then both hold. */
  private add(row: string, members: readonly string[]): void {
    this.members.set(row, [...new Set([...(this.members.get(row) ?? []), ...members])]);
    if (KIND_ROW.test(row)) return;
    for (const member of members) this.holders.set(member, [...(this.holders.get(member) ?? []), row]);
  }
}
