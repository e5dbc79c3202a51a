import { GATE_TIMES } from '../../../src/queue/bullmq/gate-times.js';
import { Random } from './random.js';
import { type Fault, type FaultName, type Mix, MIXES, schedule, SHARES } from './schedule.js';

const { leaseMs } = GATE_TIMES;

function faults(seed: number, count: number, mix: Mix = 'within'): Fault[] {
  const all = schedule(new Random(seed), { mix, leaseMs, gapMs: [200, 5_000] });
  return [...Array(count).keys()].map(() => all.next().value);
}

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(faults(7, 50)).toEqual(faults(7, 50));
    expect(faults(7, 50)).not.toEqual(faults(8, 50));
  });

  it('brings every fault about as often as its share says', () => {
    const drawn = faults(1, 10_000);
    const total = Object.values(SHARES).reduce((sum, share) => sum + share, 0);
    for (const [name, share] of Object.entries(SHARES)) {
      const count = drawn.filter(({ is }) => is === name).length;
      expect(Math.abs(count / drawn.length - share / total)).toBeLessThan(0.02);
    }
  });

  it.each([
    ['within', 0.5, 0.9],
    ['beyond', 1, 2],
  ] as const)('freezes replicas %s their lease', (mix, low, high) => {
    const lasting = faults(1, 1_000, mix).flatMap(({ is, lastsMs }) => (is === 'freeze_replica' ? [lastsMs / leaseMs] : []));
    expect(Math.min(...lasting)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...lasting)).toBeLessThanOrEqual(high);
  });

  it.each(MIXES)('has partitions shorter and longer than a lease, and long losses of Redis, in the mix %s', (mix) => {
    const lasting = (name: FaultName) => faults(1, 2_000, mix).flatMap(({ is, lastsMs }) => (is === name ? [lastsMs / leaseMs] : []));
    expect(Math.min(...lasting('cut_writer'))).toBeLessThan(0.7);
    expect(Math.max(...lasting('cut_writer'))).toBeGreaterThan(1.1);
    expect(Math.min(...lasting('lose_redis'))).toBeGreaterThanOrEqual(0.4);
  });
});
