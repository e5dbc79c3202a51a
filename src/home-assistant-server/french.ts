const MAX_NEAR = 5;

/** For comparing: without case, accents and ligatures. */
export function fold(text: string): string {
  return text.toLowerCase().replaceAll('œ', 'oe').replaceAll('æ', 'ae').normalize('NFD').replace(/\p{M}/gu, '').trim();
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Ids that a person may have meant by `wanted`, the nearest first. */
export function nearNames(wanted: string, candidates: Iterable<Named>): string[] {
  const words = wordsOf(wanted);
  const scored = Array.from(candidates, ({ id, name }) => ({
    id,
    score: Math.max(likeness(words, wordsOf(id)), likeness(words, wordsOf(name))),
  }));
  return scored
    .filter(({ score }) => score >= 0.5)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_NEAR)
    .map(({ id }) => id);
}

function wordsOf(text: string): string[] {
  return fold(text)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** 0 to 1: Sørensen and Dice over the words, a misspelt word counts by its letters. */
function likeness(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const nearest = (word: string) => Math.max(...b.map((other) => alike(word, other)));
  const shared = a.map(nearest).reduce((sum, score) => sum + (score >= 0.6 ? score : 0), 0);
  return (2 * shared) / (a.length + b.length);
}

function alike(a: string, b: string): number {
  return a === b ? 1 : 1 - distance(a, b) / Math.max(a.length, b.length);
}

/** Levenshtein, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === b[j] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
