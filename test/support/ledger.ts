import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Run {
  readonly op: string;
  readonly kind: 'read' | 'write';
  readonly entities: readonly string[];
  readonly startNs: bigint;
  /** Absent when the child died in it. */
  readonly endNs?: bigint;
  readonly pid: number;
}

/** What really ran, told by the children themselves: one file, one monotonic clock. */
export class Ledger {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  readonly path = join(this.folder, 'ledger.jsonl');

  /** In order of their start. */
  runs(kind: Run['kind'] = 'write'): readonly Run[] {
    const open = new Map<string, Run>();
    const runs: Run[] = [];
    for (const line of this.lines()) {
      const key = `${line.pid}/${line.op}`;
      if (line.ev === 'start') {
        const run = { op: line.op, kind: line.kind, entities: line.entities, startNs: BigInt(line.ns), pid: line.pid };
        open.set(key, run);
        runs.push(run);
      } else {
        Object.assign(open.get(key)!, { endNs: BigInt(line.ns) });
      }
    }
    return runs.filter((run) => run.kind === kind);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private lines(): readonly { ev: 'start' | 'end'; op: string; kind: Run['kind']; entities: string[]; pid: number; ns: string }[] {
    return readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }
}

/** Pairs of runs that share an entity and a moment. */
export function overlaps(runs: readonly Run[]): readonly (readonly [string, string])[] {
  return runs.flatMap((a, index) =>
    runs
      .slice(index + 1)
      .filter((b) => a.entities.some((entity) => b.entities.includes(entity)) && meet(a, b))
      .map((b) => [a.op, b.op] as const),
  );
}

/** The most runs that were under way at one moment. */
export function widest(runs: readonly Run[]): number {
  const edges = runs.flatMap(({ startNs, endNs }) => [{ ns: startNs, step: 1 }, ...(endNs === undefined ? [] : [{ ns: endNs, step: -1 }])]);
  edges.sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : a.step - b.step));
  let now = 0;
  return Math.max(...edges.map(({ step }) => (now += step)));
}

function meet(a: Run, b: Run): boolean {
  return (a.endNs === undefined || b.startNs < a.endNs) && (b.endNs === undefined || a.startNs < b.endNs);
}
