/** Members of groups, areas and the like, as an upstream tells them. */
export interface GroupTable {
  /** The keys of everything that belongs to it; undefined when it is not known. */
  membersOf(kind: string, id: string): readonly string[] | undefined;
}

/** Before an upstream has told of any: no group can be resolved, and a single id stands for itself. */
export const NO_GROUPS: GroupTable = { membersOf: () => undefined };
