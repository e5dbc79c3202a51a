import { GATE_TIMES } from '../../../../src/queue/bullmq/gate-times.js';
import { check } from '../check.js';
import { attemptKey, type ClientEvent, type History, type LedgerLine, NS_PER_MS, type Outage } from '../history.js';

const LAMP = ['light.a'];
const at = (ms: number) => ms * NS_PER_MS;
const AUDIT = { lockKeys: ['ledger/light/light.a'], outcome: 'done' } as const;

/** `old` was written by the first second, `new` in the second one; `reader` asks at 3 s and is given `old`. */
function aHistory({ told = 'ok', outages = [] }: { told?: 'ok' | 'unknown'; outages?: readonly Outage[] }): History {
  const asked = (op: string, kind: 'read' | 'write', ms: number): ClientEvent => ({
    is: 'inv',
    op,
    attempt: 1,
    ns: at(ms),
    kind,
    entities: LAMP,
    deadlineNs: at(ms + 5_000),
  });
  const ok = (op: string, value: string, ms: number): ClientEvent => ({ is: 'ok', op, attempt: 1, ns: at(ms), values: [value] });
  const run = (op: string, ms: number): LedgerLine[] =>
    (['start', 'end'] as const).map((ev) => ({
      ev,
      op,
      kind: 'write',
      entities: LAMP,
      value: op,
      pid: 1,
      replica: 'r1',
      ns: at(ms + (ev === 'end' ? 10 : 0)),
    }));
  const answer: ClientEvent =
    told === 'ok' ? ok('new', 'new', 1_100) : { is: 'unknown', op: 'new', attempt: 1, ns: at(2_500), why: 'its replica died' };
  return {
    ledger: [...run('old', 100), ...run('new', 1_050)],
    clients: [
      asked('old', 'write', 0),
      ok('old', 'old', 200),
      asked('new', 'write', 1_000),
      answer,
      asked('reader', 'read', 3_000),
      ok('reader', 'old', 3_005),
    ],
    audit: [
      { ...AUDIT, requestId: 'old', sequence: 1 },
      { ...AUDIT, requestId: 'new', sequence: 2 },
    ],
    lastAlive: new Map(),
    outages,
    stalls: [],
    leaseMs: GATE_TIMES.leaseMs,
    holders: new Map([
      [attemptKey({ op: 'old', attempt: 1 }), 'r1'],
      [attemptKey({ op: 'new', attempt: 1 }), 'r1'],
      [attemptKey({ op: 'reader', attempt: 1 }), 'r2'],
    ]),
    heldNs: new Map(),
  };
}

const outage = (replica: string, is: Outage['is'], fromMs: number, wholeMs: number): Outage => ({
  replica,
  is,
  fromNs: at(fromMs),
  untilNs: at(wholeMs - 100),
  wholeNs: at(wholeMs),
});
const found = (history: History) => check(history).map(({ rule, isExempt = false }) => ({ rule, isExempt }));

describe('A read from memory of what had been replaced', () => {
  it.each(['ok', 'unknown'] as const)('is a violation after a write that was answered with %s', (told) => {
    expect(found(aHistory({ told }))).toEqual([{ rule: 'stale-read', isExempt: false }]);
  });

  it.each(['cut', 'frozen'] as const)('is owed to the fault when its own replica was %s', (is) => {
    expect(found(aHistory({ outages: [outage('r2', is, 500, 3_002)] }))).toEqual([{ rule: 'stale-read', isExempt: true }]);
  });

  it('is owed to the fault while the replica that answered the write is cut off', () => {
    expect(found(aHistory({ outages: [outage('r1', 'cut', 500, 3_500)] }))).toEqual([{ rule: 'stale-read', isExempt: true }]);
  });

  it.each([
    ['another replica was cut off', outage('r3', 'cut', 500, 3_500)],
    ['its own replica was whole again', outage('r2', 'cut', 500, 2_900)],
    ['the replica that answered the write was whole again', outage('r1', 'cut', 500, 2_900)],
    ['the replica that answered the write had been killed', outage('r1', 'killed', 500, 3_500)],
  ])('is a violation when %s', (_name, fault) => {
    expect(found(aHistory({ outages: [fault] }))).toEqual([{ rule: 'stale-read', isExempt: false }]);
  });
});
