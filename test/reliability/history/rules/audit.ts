import type { Facts, Op } from '../facts.js';
import { type AuditRow, type History, NS_PER_MS } from '../history.js';
import type { Violation } from '../violation.js';

/** A replica that is killed takes the lines of its last moments with it. */
const UNWRITTEN_NS = 2_000 * NS_PER_MS;

/** The audit tells of each write what the children tell. */
export function auditMismatch({ ops, history }: Facts): Violation[] {
  const nameless = history.audit.filter(({ requestId }) => requestId === undefined);
  return [
    ...nameless.map((): Violation => ({ rule: 'audit-mismatch', ops: [], what: 'a row without a request id' })),
    ...[...ops.values()].flatMap((op) => {
      const what = mismatchOf(op, history);
      return what === undefined ? [] : [{ rule: 'audit-mismatch' as const, ops: [op.id], what }];
    }),
  ];
}

function mismatchOf(op: Op, history: History): string | undefined {
  const { attempts, runs, audit, okNs } = op;
  const [first] = attempts;
  if (audit.length > 0 && first?.asked.kind !== 'write') return 'a row for what nobody asked to be written';
  if (first?.asked.kind !== 'write') return undefined;
  const said = (outcome: AuditRow['outcome']) => audit.some((row) => row.outcome === outcome);
  if (audit.some(({ lockKeys }) => !sameEntities(lockKeys, first.asked.entities))) return 'a row with other locks';
  if (said('done') && !runs.some(({ hasEnded }) => hasEnded)) return 'a row says done, and no child has ended it';
  if (audit.length > 0 && audit.every(({ outcome }) => outcome === 'not_started') && runs.length > 0 && !mayLackRows(op, history)) {
    return 'all rows say not_started, and a child has started it';
  }
  if (audit.length === 0 && okNs !== undefined && !mayLackRows(op, history)) return 'answered ok without a row';
  return undefined;
}

/** The row is written where the call was accepted, when it settles: with that replica it may be lost. */
function mayLackRows({ attempts }: Op, { outages }: History): boolean {
  const fromNs = attempts[0]?.asked.ns ?? 0;
  const untilNs = Math.max(...attempts.flatMap(({ asked, answers }) => [asked.deadlineNs, ...answers.map(({ ns }) => ns)]));
  return outages.some((outage) => outage.is === 'killed' && outage.fromNs >= fromNs && outage.fromNs <= untilNs + UNWRITTEN_NS);
}

/** A lock key is the upstream's name, then the path. */
function sameEntities(lockKeys: readonly string[], entities: readonly string[]): boolean {
  const locked = lockKeys.map((key) => key.split('/').at(-1) ?? '').sort();
  const wanted = [...new Set(entities)].sort();
  return locked.length === wanted.length && locked.every((key, index) => key === wanted[index] || wanted[index] === '*');
}
