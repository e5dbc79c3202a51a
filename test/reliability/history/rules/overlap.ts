import type { Facts, Holding, Run } from '../facts.js';
import { type History, NS_PER_MS } from '../history.js';
import type { Violation } from '../violation.js';

/** On no line does one that holds it alone meet another. The holdings come by their start, so running maxima tell it. */
export function overlap({ lines, history }: Facts): Violation[] {
  const pairs = new Map<string, Violation>();
  for (const [line, holdings] of lines) {
    for (const [earlier, later] of meetings(holdings)) {
      const violation = {
        rule: 'overlap' as const,
        ops: [later.op, earlier.op],
        what: `both held ${line}, by ${earlier.replica} and ${later.replica}`,
      };
      pairs.set(`${later.op} ${earlier.op}`, isExempt(earlier, later, history) ? { ...violation, isExempt: true } : violation);
    }
  }
  return [...pairs.values()];
}

function* meetings(holdings: readonly Holding[]): Generator<readonly [Run, Run]> {
  let longest: Run | undefined;
  let longestAlone: Run | undefined;
  for (const { run, mode } of holdings) {
    const met = mode === 'X' ? longest : longestAlone;
    if (met !== undefined && met.untilNs > run.startNs) yield [met, run];
    longest = later(longest, run);
    if (mode === 'X') longestAlone = later(longestAlone, run);
  }
}

function later(one: Run | undefined, other: Run): Run {
  return one !== undefined && one.untilNs > other.untilNs ? one : other;
}

/** The one that froze may write once more in the tick in which it wakes. */
function isExempt(earlier: Run, later: Run, { outages, leaseMs }: History): boolean {
  const leaseNs = leaseMs * NS_PER_MS;
  return outages.some(
    ({ replica, is, fromNs, untilNs }) =>
      is === 'frozen' &&
      untilNs - fromNs >= leaseNs &&
      (replica === earlier.replica || replica === later.replica) &&
      fromNs <= later.startNs &&
      later.startNs <= untilNs + leaseNs,
  );
}
