/** A line that a write stands in, told from its entities alone: the checker does not ask the queue what it locked. */
export interface Line {
  readonly line: string;
  readonly mode: 'S' | 'X';
}

/** Stands for all entities of all domains. */
export const EVERYTHING = '*';

/** `light.salon` excludes its like and shares `light` and everything; `light` excludes all lamps; `*` excludes all. */
export function linesOf(entities: readonly string[]): Line[] {
  const modes = new Map<string, Line['mode']>();
  for (const entity of entities) {
    modes.set(entity, 'X');
    for (const above of ancestorsOf(entity)) if (!modes.has(above)) modes.set(above, 'S');
  }
  return [...modes].map(([line, mode]) => ({ line, mode }));
}

function ancestorsOf(entity: string): string[] {
  if (entity === EVERYTHING) return [];
  const dot = entity.indexOf('.');
  return dot < 0 ? [EVERYTHING] : [entity.slice(0, dot), EVERYTHING];
}
