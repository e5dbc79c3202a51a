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
  /**
   * Told apart, since nobody promised better: an overlap with a replica that was frozen for longer than its lease, an
   * answer from memory while a replica could not hear what others wrote.
   */
  readonly isExempt?: true;
}
