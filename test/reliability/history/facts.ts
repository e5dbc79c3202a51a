import type { Answer, Asked, AuditRow, ClientEvent, History, LedgerLine, Nanoseconds } from './history.js';
import { type Line, linesOf } from './lock-lines.js';

/** One execution by a child. */
export interface Run {
  readonly op: string;
  readonly kind: LedgerLine['kind'];
  readonly entities: readonly string[];
  readonly pid: number;
  readonly replica: string;
  readonly startNs: Nanoseconds;
  /** Of its own end, of its child's death, or infinity. */
  readonly untilNs: Nanoseconds;
  readonly hasEnded: boolean;
}

/** One request and every answer to it. */
export interface Attempt {
  readonly asked: Asked;
  readonly answers: readonly Answer[];
}

/** All that is known about one thing somebody wanted. */
export interface Op {
  readonly id: string;
  readonly attempts: readonly Attempt[];
  readonly runs: readonly Run[];
  readonly audit: readonly AuditRow[];
  /** When somebody first heard that it was done. */
  readonly okNs?: Nanoseconds;
}

/** A history put in order once, for all rules. */
export interface Facts {
  readonly history: History;
  readonly ops: ReadonlyMap<string, Op>;
  /** Writes alone, by their start. */
  readonly writes: readonly Run[];
  /** Writes by the lines they hold, in order of start. */
  readonly lines: ReadonlyMap<string, readonly Holding[]>;
}

export interface Holding {
  readonly run: Run;
  readonly mode: Line['mode'];
}

export function factsOf(history: History): Facts {
  const ops = new Map<string, Draft>();
  const draft = (id: string) => ops.get(id) ?? put(ops, id, { id, attempts: [], runs: [], audit: [] });
  for (const event of history.clients) hear(draft(event.op), event);
  const runs = runsOf(history);
  for (const run of runs) draft(run.op).runs.push(run);
  for (const row of history.audit) if (row.requestId !== undefined) draft(row.requestId).audit.push(row);
  const writes = runs.filter(({ kind }) => kind === 'write');
  return { history, ops, writes, lines: byLine(writes) };
}

/** An op that is still being put together. */
interface Draft extends Op {
  readonly attempts: { readonly asked: Asked; readonly answers: Answer[] }[];
  readonly runs: Run[];
  readonly audit: AuditRow[];
  okNs?: Nanoseconds;
}

function hear(op: Draft, event: ClientEvent): void {
  if (event.is === 'inv') {
    op.attempts.push({ asked: event, answers: [] });
    return;
  }
  op.attempts.find(({ asked }) => asked.attempt === event.attempt)?.answers.push(event);
  if (event.is === 'ok' && event.ns < (op.okNs ?? Infinity)) op.okNs = event.ns;
}

function runsOf({ ledger, lastAlive }: History): Run[] {
  const open = new Map<string, { startNs: number; untilNs: number; hasEnded: boolean }>();
  const runs: Run[] = [];
  for (const line of [...ledger].sort((a, b) => a.ns - b.ns)) {
    const { op, kind, entities, pid, replica, ns } = line;
    const key = `${pid} ${op}`;
    if (line.ev === 'start') {
      const run = {
        op,
        kind,
        entities,
        pid,
        replica,
        startNs: ns,
        untilNs: lastAlive.get(pid)?.find((deathNs) => deathNs >= ns) ?? Infinity,
        hasEnded: false,
      };
      open.set(key, run);
      runs.push(run);
    } else {
      const run = open.get(key);
      if (run) Object.assign(run, { untilNs: ns, hasEnded: true });
    }
  }
  return runs;
}

function byLine(writes: readonly Run[]): Map<string, Holding[]> {
  const lines = new Map<string, Holding[]>();
  for (const run of writes) {
    for (const { line, mode } of linesOf(run.entities)) (lines.get(line) ?? put(lines, line, [])).push({ run, mode });
  }
  return lines;
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Value {
  map.set(key, value);
  return value;
}
