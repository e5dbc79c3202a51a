import type { EntityMirror } from '../entity-mirror.js';

export interface Changes {
  /** Ids in the order of their first change under this context. */
  causedBy(contextId: string | null): string[];
  end(): void;
}

/** Listens from now until `end`: what a call changes arrives before its result. */
export function changesDuring(mirror: EntityMirror): Changes {
  const seen: { id: string; contextId: string }[] = [];
  const end = mirror.onChange((change) => {
    if (change === 'everything') return;
    for (const id of change.ids) seen.push({ id, contextId: mirror.get(id)?.context.id ?? '' });
  });
  return {
    causedBy: (contextId) => [...new Set(seen.filter((change) => change.contextId === contextId).map(({ id }) => id))],
    end,
  };
}
