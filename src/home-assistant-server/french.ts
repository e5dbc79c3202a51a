const MAX_NEAR = 5;
/** Names that are less alike than this are not near. */
const NEAR = 0.5;
/** Two words that are less alike than this are two words. */
const MISSPELT = 0.6;
/** Nothing in it has an accent: most ids, and many names. */
const PLAIN = /^[ -~]*$/;

/** For comparing: without case, accents and ligatures. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase().trim();
  return text
    .toLowerCase()
    .replace(/[^ -~]/gu, foldedLetter)
    .trim();
}

const foldedLetters = new Map([
  ['œ', 'oe'],
  ['æ', 'ae'],
]);

/** A house has few letters, and taking one apart is dear: each is taken apart once. */
function foldedLetter(letter: string): string {
  let folded = foldedLetters.get(letter);
  if (folded === undefined) foldedLetters.set(letter, (folded = letter.normalize('NFD').replace(/\p{M}/gu, '')));
  return folded;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

interface Scored {
  readonly id: string;
  readonly score: number;
}

/** Ids that a person may have meant by `wanted`, the nearest first. */
export function nearNames(wanted: string, candidates: Iterable<Named>): string[] {
  const words = wordsOf(wanted).map(wordLike);
  const nearest: Scored[] = [];
  for (const { id, name } of candidates) {
    const score = Math.max(likeness(words, wordsOf(id)), likeness(words, wordsOf(name)));
    if (score >= NEAR) insert({ id, score }, nearest);
  }
  return nearest.map(({ id }) => id);
}

/** Into its place among the nearest so far; what falls off the end is forgotten. */
function insert(one: Scored, nearest: Scored[]): void {
  const place = nearest.findIndex((other) => one.score > other.score || (one.score === other.score && one.id < other.id));
  if (place === -1 && nearest.length === MAX_NEAR) return;
  nearest.splice(place === -1 ? nearest.length : place, 0, one);
  nearest.length = Math.min(nearest.length, MAX_NEAR);
}

function wordsOf(text: string): readonly string[] {
  return fold(text).match(/[a-z0-9]+/g) ?? [];
}

/** 0 to 1: Sørensen and Dice over the words, a misspelt word counts by its letters. */
function likeness(wanted: readonly WordLike[], given: readonly string[]): number {
  if (wanted.length === 0 || given.length === 0) return 0;
  let shared = 0;
  for (const alike of wanted) {
    let best = 0;
    for (const word of given) best = Math.max(best, alike(word));
    shared += best;
  }
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
  if (a === b) return 1;
  const longer = Math.max(a.length, b.length);
  const score = 1 - distance(a, b, longer * (1 - MISSPELT)) / longer;
  return score >= MISSPELT ? score : 0;
}

/** Levenshtein, one row at a time; Infinity as soon as it is sure to be above the limit. */
function distance(a: string, b: string, limit: number): number {
  // as many letters as one is longer have to differ
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    let least = i + 1;
    for (let j = 0; j < b.length; j++) {
      const cost = Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1));
      next.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return Infinity;
    row = next;
  }
  return row[b.length] ?? 0;
}
