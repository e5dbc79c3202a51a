import { check } from '../check.js';
import { type History, type LedgerLine, NS_PER_MS } from '../history.js';

const at = (ms: number) => ms * NS_PER_MS;

/** A write of the one lamp by a child of that replica. */
function write(op: string, replica: string, fromMs: number, untilMs: number): LedgerLine[] {
  const line = { op, kind: 'write' as const, entities: ['light.a'], value: op, pid: 1, replica };
  return [
    { ...line, ev: 'start', ns: at(fromMs) },
    { ...line, ev: 'end', ns: at(untilMs) },
  ];
}

/** The replica r1 stands still from 10 s to 30 s; the lease is 15 s. */
const found = (...writes: readonly LedgerLine[][]) => overlapsIn(writes.flat());

function overlapsIn(ledger: readonly LedgerLine[], lastAlive: History['lastAlive'] = new Map()) {
  const history: History = {
    ledger,
    clients: [],
    audit: [],
    lastAlive,
    outages: [{ replica: 'r1', is: 'frozen', fromNs: at(10_000), untilNs: at(30_000), wholeNs: at(31_000) }],
    stalls: [],
    leaseMs: 15_000,
    holders: new Map(),
    heldNs: new Map(),
  };
  return check(history).flatMap(({ rule, ops, isExempt = false }) => (rule === 'overlap' ? [{ ops, isExempt }] : []));
}

describe('An overlap with a replica that was frozen for longer than its lease', () => {
  it('is exempt when what it began before the freeze still runs', () => {
    expect(found(write('old', 'r1', 9_990, 32_000), write('new', 'r2', 24_000, 24_010))).toEqual([{ ops: ['new', 'old'], isExempt: true }]);
  });

  it('is exempt when it begins in the tick in which it wakes', () => {
    expect(found(write('new', 'r2', 29_990, 30_100), write('old', 'r1', 30_050, 30_060))).toEqual([
      { ops: ['old', 'new'], isExempt: true },
    ]);
  });

  it.each([
    ['before its lease can be over', write('old', 'r1', 9_990, 32_000), write('new', 'r2', 14_000, 14_010)],
    ['when it begins later than in that tick', write('new', 'r2', 29_990, 30_300), write('old', 'r1', 30_200, 30_210)],
    ['when its child goes on long after it has woken', write('old', 'r1', 9_990, 40_000), write('new', 'r2', 35_000, 35_010)],
    ['between two others', write('old', 'r3', 9_990, 32_000), write('new', 'r2', 24_000, 24_010)],
  ])('is a violation %s', (_when, first, second) => {
    expect(found(first, second).map(({ isExempt }) => isExempt)).toEqual([false]);
  });

  it('hides no other of the same write', () => {
    const overlaps = found(write('old', 'r1', 9_990, 32_000), write('first', 'r2', 24_000, 24_010), write('second', 'r3', 24_005, 24_020));
    expect(overlaps).toContainEqual({ ops: ['second', 'first'], isExempt: false });
    expect(overlaps).toContainEqual({ ops: ['second', 'old'], isExempt: true });
  });
});

describe('A write that never ended', () => {
  const [begun] = write('begun', 'r2', 1_000, 1_000);
  const beside = (fromMs: number) => [...(begun ? [begun] : []), ...write('beside', 'r3', fromMs, fromMs + 10)];
  const lastAlive = new Map([[1, [at(500), at(1_200)]]]);

  it('lasts until the death of its own child, not of an earlier one that had its pid', () => {
    expect(overlapsIn(beside(1_100), lastAlive)).toHaveLength(1);
    expect(overlapsIn(beside(1_300), lastAlive)).toEqual([]);
  });

  it('lasts while its child lives, though one that had its pid is dead', () => {
    expect(overlapsIn(beside(9_000), new Map([[1, [at(500)]]]))).toHaveLength(1);
  });
});
