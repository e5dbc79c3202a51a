export const RULES = [
  'lost-reply',
  'two-replies',
  'late-reply',
  'acked-not-done',
  'failed-but-ran',
  'dup-write',
  'phantom',
  'before-invoke',
  'overlap',
  'accept-order',
  'realtime-order',
  'stale-read',
  'cross-talk',
  'audit-mismatch',
] as const;

export type Rule = (typeof RULES)[number];

export interface Violation {
  readonly rule: Rule;
  /** The op that broke it, then those it met. */
  readonly ops: readonly string[];
  readonly what: string;
  /** A replica was frozen for longer than its lease: the one case in which an overlap is owed. */
  readonly isOwed?: true;
}
