import { factsOf } from './facts.js';
import type { History } from './history.js';
import { auditMismatch } from './rules/audit.js';
import { crossTalk } from './rules/cross-talk.js';
import { order } from './rules/order.js';
import { outcomes } from './rules/outcomes.js';
import { overlap } from './rules/overlap.js';
import { replies } from './rules/replies.js';
import { staleRead } from './rules/stale-read.js';
import { starts } from './rules/starts.js';
import type { Violation } from './violation.js';

const FAMILIES = [replies, outcomes, starts, overlap, order, staleRead, crossTalk, auditMismatch];

/** Everything in a history that breaks a promise. Pure, and n log n: sorting is the most that any rule does. */
export function check(history: History): readonly Violation[] {
  const facts = factsOf(history);
  return FAMILIES.flatMap((family) => family(facts));
}
