import type { Attempt, Facts } from '../facts.js';
import { attemptKey, type History, type Nanoseconds, NS_PER_MS, type Outage, type Stall } from '../history.js';
import type { Rule, Violation } from '../violation.js';

/** After its deadline a call may take so long to be answered. */
export const GRACE_NS = 1_000 * NS_PER_MS;

/** Every request gets one answer, in time, whatever dies meanwhile, except the replica that holds its connection. */
export function replies({ ops, history }: Facts): Violation[] {
  const outages = outagesByReplica(history);
  return [...ops.values()].flatMap(({ attempts }) =>
    attempts.flatMap((attempt) => {
      const broken = brokenBy(attempt, history);
      return broken === undefined || isExempt(broken, attempt, history, outages) ? [] : [broken];
    }),
  );
}

function brokenBy(attempt: Attempt, { stalls, heldNs }: History): Violation | undefined {
  const { asked, answers } = attempt;
  const given = answers.filter((answer) => !('isCut' in answer));
  const [first] = given;
  if (first === undefined) return violation('lost-reply', attempt, answers[0] === undefined ? 'no answer' : 'cut off');
  if (given.length > 1) return violation('two-replies', attempt, `${given.length} answers`);
  const deadlineNs = asked.deadlineNs + (heldNs.get(attemptKey(asked)) ?? 0);
  const lateNs = first.ns - deadlineNs;
  if (lateNs <= GRACE_NS || lateNs - stalledNs(deadlineNs, first.ns, stalls) <= GRACE_NS) return undefined;
  return violation('late-reply', attempt, `${Math.round(lateNs / NS_PER_MS)} ms after the deadline`);
}

/** How long the caller itself did not run in that time. */
function stalledNs(fromNs: Nanoseconds, untilNs: Nanoseconds, stalls: readonly Stall[]): Nanoseconds {
  return stalls.reduce((sum, stall) => sum + Math.max(0, Math.min(untilNs, stall.untilNs) - Math.max(fromNs, stall.fromNs)), 0);
}

/** A replica that is killed or frozen may lose an answer or be late with it; none answers twice for that. */
function isExempt(
  { rule }: Violation,
  attempt: Attempt,
  { holders, outages }: History,
  byReplica: ReadonlyMap<string, readonly Outage[]>,
): boolean {
  if (rule === 'two-replies') return false;
  const { ns, deadlineNs } = attempt.asked;
  const holder = holders.get(attemptKey(attempt.asked));
  if (holder !== undefined) return (byReplica.get(holder) ?? []).some((outage) => meets(outage, ns, deadlineNs + GRACE_NS));
  const [answer] = attempt.answers;
  // haproxy keeps silent about a request on a kept connection whose replica died: it hangs up and writes nothing down
  return answer !== undefined && 'isCut' in answer && outages.some((outage) => outage.is === 'killed' && meets(outage, ns, answer.ns));
}

function meets({ fromNs, untilNs }: Outage, beginNs: Nanoseconds, endNs: Nanoseconds): boolean {
  return fromNs <= endNs && untilNs >= beginNs;
}

function outagesByReplica({ outages }: History): Map<string, Outage[]> {
  const byReplica = new Map<string, Outage[]>();
  for (const outage of outages) if (outage.is !== 'cut') byReplica.set(outage.replica, [...(byReplica.get(outage.replica) ?? []), outage]);
  return byReplica;
}

function violation(rule: Rule, { asked }: Attempt, what: string): Violation {
  return { rule, ops: [asked.op], what: `attempt ${asked.attempt}: ${what}` };
}
