import type { Run } from '../facts.js';
import type { Nanoseconds } from '../history.js';

/** A write, and from when on nobody may read anything older. */
export interface Witness {
  readonly run: Run;
  readonly ns: Nanoseconds;
}

/** The writes of one entity, by when they had to be known. */
export class Register {
  private readonly knownNs: Nanoseconds[] = [];
  /** The latest started of this one and all before it. */
  private readonly latest: Run[] = [];

  constructor(witnesses: readonly Witness[]) {
    for (const { run, ns } of [...witnesses].sort((a, b) => a.ns - b.ns)) {
      const before = this.latest.at(-1);
      this.knownNs.push(ns);
      this.latest.push(before !== undefined && before.startNs > run.startNs ? before : run);
    }
  }

  /** Of those that had to be known by then. */
  lastStarted(beforeNs: Nanoseconds): Run | undefined {
    let low = 0;
    let high = this.knownNs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.knownNs[middle] ?? Infinity) < beforeNs) low = middle + 1;
      else high = middle;
    }
    return this.latest[low - 1];
  }
}
