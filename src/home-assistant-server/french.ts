const MAX_NEAR = 5;
/** Two words that are less alike than this are two words. */
const MISSPELT = 0.6;
/** Nothing in it has an accent: most ids, and many names. */
const PLAIN = /^[ -~]*$/;

/** For comparing: without case, accents and ligatures. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase().trim();
  return text.toLowerCase().replaceAll('œ', 'oe').replaceAll('æ', 'ae').normalize('NFD').replace(/\p{M}/gu, '').trim();
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Ids that a person may have meant by `wanted`, the nearest first. */
export function nearNames(wanted: string, candidates: Iterable<Named>): string[] {
  const words = wordsOf(wanted).map(wordLike);
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
function likeness(wanted: readonly WordLike[], given: readonly string[]): number {
  if (wanted.length === 0 || given.length === 0) return 0;
  const shared = wanted.reduce((sum, alike) => sum + Math.max(...given.map(alike)), 0);
  return (2 * shared) / (wanted.length + given.length);
}

/** How much a word is like the one we look for, 0 to 1. */
type WordLike = (word: string) => number;

/** A large house has thousands of names and few words: each is compared once. */
function wordLike(wanted: string): WordLike {
  const known = new Map<string, number>();
  return (word) => {
    let score = known.get(word);
    if (score === undefined) known.set(word, (score = alike(wanted, word)));
    return score;
  };
}

function alike(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  // as many letters as one is longer have to differ
  if (Math.min(a.length, b.length) < longer * MISSPELT) return 0;
  const score = a === b ? 1 : 1 - distance(a, b) / longer;
  return score >= MISSPELT ? score : 0;
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
