/** `maxSize` → `max_size`. */
export function snakeOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The candidate that `name` was probably meant to be; none when all are too far away. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const tolerated = Math.ceil(name.length / 3);
  const byDistance = candidates
    .map((candidate) => ({ candidate, distance: distance(spoken(name), spoken(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  return byDistance.find((entry) => entry.distance <= tolerated)?.candidate;
}

function spoken(name: string): string {
  return snakeOf(name).replace(/[-_]+/g, '_').toLowerCase().slice(0, 64);
}

/** Letters to insert, drop or change to make one of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(a).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(b).entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
