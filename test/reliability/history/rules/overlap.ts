import type { Facts, Holding, Run } from '../facts.js';
import { type History, type Nanoseconds, NS_PER_MS } from '../history.js';
import type { Violation } from '../violation.js';

/** On no line does one that holds it alone meet another. The holdings come by their start, so running maxima tell it. */
export function overlap({ lines, history }: Facts): Violation[] {
  const freezes = freezesOf(history);
  const pairs = new Map<string, Violation>();
  for (const [line, holdings] of lines) {
    for (const [earlier, later] of meetings(holdings, freezes)) {
      const violation = {
        rule: 'overlap' as const,
        ops: [later.op, earlier.op],
        what: `both held ${line}, by ${earlier.replica} and ${later.replica}`,
      };
      pairs.set(`${later.op} ${earlier.op}`, isExempt(earlier, later, freezes) ? { ...violation, isExempt: true } : violation);
    }
  }
  return [...pairs.values()];
}

/** A replica stood still until its lease was over: from `lostNs` on others may have had its lines. */
interface Freeze {
  readonly replica: string;
  readonly lostNs: Nanoseconds;
  readonly untilNs: Nanoseconds;
}

/** What it sent in the tick in which it wakes is begun so soon. */
const WAKING_NS = 100 * NS_PER_MS;
/** So soon it has noticed, and the children that went on without it are dead. */
const TIDIED_NS = 1_000 * NS_PER_MS;
/** The lease is counted from its last renewal, not from the freeze. */
const OLDEST_RENEWAL_IN_LEASES = 0.5;

function freezesOf({ outages, leaseMs }: History): Freeze[] {
  const leaseNs = leaseMs * NS_PER_MS;
  return outages
    .filter(({ is, fromNs, untilNs }) => is === 'frozen' && untilNs - fromNs >= leaseNs)
    .map(({ replica, fromNs, untilNs }) => ({ replica, lostNs: fromNs + (1 - OLDEST_RENEWAL_IN_LEASES) * leaseNs, untilNs }));
}

/** Those left over from a freeze are apart: one that lasts would hide another that nothing excuses. */
function* meetings(holdings: readonly Holding[], freezes: readonly Freeze[]): Generator<readonly [Run, Run]> {
  const leftOver = new Longest();
  const ordinary = new Longest();
  for (const { run, mode } of holdings) {
    for (const longest of [leftOver, ordinary]) {
      const met = longest.metBy(mode);
      if (met !== undefined && met.untilNs > run.startNs) yield [met, run];
    }
    (freezes.some((freeze) => isLeftOver(run, freeze)) ? leftOver : ordinary).add(run, mode);
  }
}

/** Of those that began so far, who holds a line longest. */
class Longest {
  private any?: Run;
  private alone?: Run;

  metBy(mode: Holding['mode']): Run | undefined {
    return mode === 'X' ? this.any : this.alone;
  }

  add(run: Run, mode: Holding['mode']): void {
    this.any = later(this.any, run);
    if (mode === 'X') this.alone = later(this.alone, run);
  }
}

function later(one: Run | undefined, other: Run): Run {
  return one !== undefined && one.untilNs > other.untilNs ? one : other;
}

/** The one that froze can end nothing that it began before, and may begin once more in the tick in which it wakes. */
function isExempt(earlier: Run, later: Run, freezes: readonly Freeze[]): boolean {
  const metNs = later.startNs;
  return freezes.some(
    (freeze) => freeze.lostNs <= metNs && metNs <= freeze.untilNs + TIDIED_NS && (isLeftOver(earlier, freeze) || isLeftOver(later, freeze)),
  );
}

function isLeftOver({ replica, startNs, untilNs }: Run, freeze: Freeze): boolean {
  return replica === freeze.replica && startNs <= freeze.untilNs + WAKING_NS && untilNs >= freeze.lostNs;
}
