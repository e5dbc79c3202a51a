import { GATE_TIMES } from '../../../../src/queue/bullmq/gate-times.js';
import { check } from '../check.js';
import type { AuditRow, ClientEvent, History, LedgerLine } from '../history.js';

const LAMP = { kind: 'write' as const, entities: ['light.a'] };
const row = (requestId: string, sequence: number, outcome: AuditRow['outcome']): AuditRow => ({
  requestId,
  sequence,
  outcome,
  lockKeys: ['ledger/light/light.a'],
});
const ran = (op: string, ns: number): LedgerLine[] =>
  (['start', 'end'] as const).map((ev, index) => ({ ev, op, ...LAMP, value: op, pid: 7, replica: 'r1', ns: ns + index }));
const asked = (op: string, attempt: number, ns: number): ClientEvent => ({ is: 'inv', op, attempt, ns, ...LAMP, deadlineNs: 1e9 });

/** Accepted first, started last. */
function overtaken(answers: readonly ClientEvent[], outcome: AuditRow['outcome']): History {
  return {
    clients: [asked('first', 1, 0), asked('second', 1, 1), { is: 'ok', op: 'second', attempt: 1, ns: 20, values: ['second'] }, ...answers],
    ledger: [...ran('second', 10), ...ran('first', 30)],
    audit: [row('first', 1, outcome), row('second', 2, 'done')],
    lastAlive: new Map(),
    outages: [],
    stalls: [],
    leaseMs: GATE_TIMES.leaseMs,
    holders: new Map(),
    heldNs: new Map(),
  };
}

const isFound = (history: History) => check(history).some(({ rule }) => rule === 'accept-order');
const unknown: ClientEvent = { is: 'unknown', op: 'first', attempt: 1, ns: 5, why: '502 -32005: nobody can tell' };
const cut: ClientEvent = { is: 'unknown', op: 'first', attempt: 2, ns: 8, why: 'socket hang up', isCut: true };

describe('The order of acceptance', () => {
  it('is broken by a start after one that was accepted later', () => {
    expect(isFound(overtaken([], 'done'))).toBe(true);
    expect(isFound(overtaken([unknown], 'unknown'))).toBe(true);
  });

  it('is not known of a write whose later acceptance went down with its replica', () => {
    expect(isFound(overtaken([unknown, asked('first', 2, 6), cut], 'unknown'))).toBe(false);
    expect(isFound(overtaken([unknown, asked('first', 2, 6), cut], 'done'))).toBe(true);
  });
});
