import type { Attempt, Facts, Holding, Op, Run } from '../facts.js';
import type { Violation } from '../violation.js';

/** On each line those that exclude each other start as they were accepted, and as their callers saw them follow each other. */
export function order({ lines, ops }: Facts): Violation[] {
  const found = new Map<string, Violation>();
  for (const [line, holdings] of lines) {
    for (const violation of [...againstAcceptance(line, holdings, ops), ...againstTheCallers(line, holdings, ops)]) {
      found.set([violation.rule, ...violation.ops].join(' '), violation);
    }
  }
  return [...found.values()];
}

interface Numbered {
  readonly run: Run;
  readonly sequence: number;
}

function* againstAcceptance(line: string, holdings: readonly Holding[], ops: Facts['ops']): Generator<Violation> {
  let last: Numbered | undefined;
  let lastAlone: Numbered | undefined;
  for (const { run, mode } of holdings) {
    const sequence = sequenceOf(ops.get(run.op));
    if (sequence === undefined) continue;
    const before = mode === 'X' ? last : lastAlone;
    if (before !== undefined && before.sequence > sequence) {
      yield { rule: 'accept-order', ops: [run.op, before.run.op], what: `${sequence} started after ${before.sequence} on ${line}` };
    }
    const own = { run, sequence };
    if (last === undefined || sequence > last.sequence) last = own;
    if (mode === 'X' && (lastAlone === undefined || sequence > lastAlone.sequence)) lastAlone = own;
  }
}

/**
 * A request that did not begin may be accepted anew under its id, whatever its caller could be told: what ran is the last.
 * Nobody knows it when an attempt was cut off: its row may have gone down with its replica.
 */
function sequenceOf(op: Op | undefined): number | undefined {
  const rows = op?.audit.filter(({ outcome }) => outcome !== 'not_started') ?? [];
  const isCertain = rows.some(({ outcome }) => outcome !== 'unknown') || !op?.attempts.some(isCut);
  const sequences = rows.flatMap(({ sequence }) => sequence ?? []);
  return isCertain && sequences.length > 0 ? Math.max(...sequences) : undefined;
}

function isCut({ answers }: Attempt): boolean {
  return answers.length === 0 || answers.some((answer) => 'isCut' in answer);
}

/** From the last start to the first: nobody later was answered before this one was asked for. */
function* againstTheCallers(line: string, holdings: readonly Holding[], ops: Facts['ops']): Generator<Violation> {
  let earliest: Op | undefined;
  let earliestAlone: Op | undefined;
  for (const { run, mode } of [...holdings].reverse()) {
    const op = ops.get(run.op);
    if (op === undefined) continue;
    const later = mode === 'X' ? earliest : earliestAlone;
    const askedNs = op.attempts[0]?.asked.ns;
    if (later?.okNs !== undefined && askedNs !== undefined && later.okNs < askedNs) {
      yield {
        rule: 'realtime-order',
        ops: [run.op, later.id],
        what: `started first on ${line}, and was asked for when the other had been answered`,
      };
    }
    earliest = firstAnswered(earliest, op);
    if (mode === 'X') earliestAlone = firstAnswered(earliestAlone, op);
  }
}

function firstAnswered(one: Op | undefined, other: Op): Op {
  return one !== undefined && (one.okNs ?? Infinity) < (other.okNs ?? Infinity) ? one : other;
}
