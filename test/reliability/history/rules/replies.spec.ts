import { GATE_TIMES } from '../../../../src/queue/bullmq/gate-times.js';
import { check } from '../check.js';
import { type History, NS_PER_MS, type Stall } from '../history.js';

const at = (ms: number) => ms * NS_PER_MS;

/** A read whose time is over after a second, answered so many ms later. */
function answered(lateMs: number, stalls: readonly Stall[] = [], heldMs = 0): History {
  const read = { op: 'late', attempt: 1 };
  return {
    ledger: [],
    clients: [
      { is: 'inv', ...read, ns: at(0), kind: 'read', entities: ['light.a'], deadlineNs: at(1_000) },
      { is: 'read_error', ...read, ns: at(1_000 + lateMs), why: '504 -32002: late' },
    ],
    audit: [],
    lastAlive: new Map(),
    outages: [],
    stalls,
    leaseMs: GATE_TIMES.leaseMs,
    holders: new Map(),
    heldNs: new Map([['late#1', at(heldMs)]]),
  };
}

/** Its replica was frozen all the time. */
function underAFreeze(history: History): History {
  const frozen = { replica: 'r1', is: 'frozen', fromNs: at(0), untilNs: at(20_000), wholeNs: at(20_000) } as const;
  return { ...history, outages: [frozen], holders: new Map([['late#1', 'r1']]) };
}

const rulesOf = (history: History) => check(history).map(({ rule }) => rule);

describe('An answer after its deadline', () => {
  it('is late when more than a second has passed', () => {
    expect(rulesOf(answered(1_000))).toEqual([]);
    expect(rulesOf(answered(1_001))).toEqual(['late-reply']);
  });

  it('is not late for the time in which the balancer had no replica for it', () => {
    expect(rulesOf(answered(1_500, [], 500))).toEqual([]);
    expect(rulesOf(answered(1_501, [], 500))).toEqual(['late-reply']);
  });

  it('is not late for the time in which the caller itself did not run', () => {
    expect(rulesOf(answered(1_400, [{ fromNs: at(1_800), untilNs: at(2_300) }]))).toEqual([]);
    expect(rulesOf(answered(1_600, [{ fromNs: at(1_800), untilNs: at(2_300) }]))).toEqual(['late-reply']);
    expect(rulesOf(answered(1_400, [{ fromNs: at(100), untilNs: at(900) }]))).toEqual(['late-reply']);
  });
});

describe('A replica that was frozen', () => {
  it('is allowed to answer late', () => {
    expect(rulesOf(underAFreeze(answered(2_000)))).toEqual([]);
  });

  it('is not allowed to answer twice', () => {
    const history = answered(500);
    const twice = { ...history, clients: [...history.clients, ...history.clients.slice(-1)] };
    expect(rulesOf(underAFreeze(twice))).toEqual(['two-replies']);
  });
});
