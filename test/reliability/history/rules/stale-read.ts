import type { Facts, Op, Run } from '../facts.js';
import { type Answer, type Asked, type History, type Nanoseconds, NS_PER_MS, type Value } from '../history.js';
import type { Violation } from '../violation.js';

/** A connection that was cut is found out, made anew, and what was kept meanwhile is dropped. */
const HEARS_AGAIN_NS = 5_000 * NS_PER_MS;

type Given = Extract<Answer, { is: 'ok' }>;

/**
 * A read returns the last write that was answered, or one under way or unknown; a stale one says how old it is. A repeat
 * under the same request id gets what the first attempt was given.
 */
export function staleRead(facts: Facts): Violation[] {
  const registers = registersOf(facts);
  return [...facts.ops.values()].flatMap(({ id, attempts }) => {
    const [first] = attempts;
    if (first?.asked.kind !== 'read') return [];
    const given = attempts.flatMap(({ answers }) => answers.filter((answer) => answer.is === 'ok'));
    return given.flatMap((answer) => judge(id, first.asked, answer, registers, facts));
  });
}

function judge(id: string, asked: Asked, given: Given, registers: ReadonlyMap<string, Register>, { ops, history }: Facts): Violation[] {
  return asked.entities.flatMap((entity, index): Violation[] => {
    const value = given.values[index] ?? null;
    const what = wrongWith(value, entity, asked, given, registers.get(entity), ops);
    if (what === undefined) return [];
    const violation = { rule: 'stale-read' as const, ops: value === null ? [id] : [id, value], what: `${entity}: ${what}` };
    return [isOwed(asked, history) ? { ...violation, isOwed: true } : violation];
  });
}

function wrongWith(
  value: Value,
  entity: string,
  asked: Asked,
  given: Given,
  register: Register | undefined,
  ops: Facts['ops'],
): string | undefined {
  const writer = value === null ? undefined : writerOf(ops.get(value), entity);
  if (value !== null && !writer) return `${value} was never written there`;
  if (writer && writer.startNs > given.ns) return `${value} was written later`;
  const successor = register?.lastStarted(asked.ns - (given.ageMs ?? 0) * NS_PER_MS);
  if (!successor || successor.startNs < (writer?.untilNs ?? 0)) return undefined;
  return `${value ?? 'nothing'} had been replaced by ${successor.op}, whose caller knew it`;
}

/** Who could not hear of a write, or make it heard, answers from memory until he has found out. */
function isOwed({ nonce, ns }: Asked, { outages }: History): boolean {
  if (nonce !== undefined) return false;
  return outages.some(({ is, fromNs, untilNs }) => is !== 'killed' && fromNs <= ns && ns <= untilNs + HEARS_AGAIN_NS);
}

function writerOf(op: Op | undefined, entity: string): Run | undefined {
  return op?.runs.find(({ kind, entities }) => kind === 'write' && entities.includes(entity));
}

/** The writes of one entity that were answered with ok, by the time of the answer. */
class Register {
  private readonly okNs: Nanoseconds[] = [];
  /** The latest started of this one and all before it. */
  private readonly latest: Run[] = [];

  constructor(answered: readonly { readonly run: Run; readonly okNs: Nanoseconds }[]) {
    for (const { run, okNs } of [...answered].sort((a, b) => a.okNs - b.okNs)) {
      const before = this.latest.at(-1);
      this.okNs.push(okNs);
      this.latest.push(before && before.startNs > run.startNs ? before : run);
    }
  }

  /** Of the writes that had been answered before that moment. */
  lastStarted(beforeNs: Nanoseconds): Run | undefined {
    let low = 0;
    let high = this.okNs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.okNs[middle] ?? Infinity) < beforeNs) low = middle + 1;
      else high = middle;
    }
    return this.latest[low - 1];
  }
}

function registersOf({ writes, ops }: Facts): Map<string, Register> {
  const answered = new Map<string, { run: Run; okNs: Nanoseconds }[]>();
  for (const run of writes) {
    const okNs = ops.get(run.op)?.okNs;
    if (okNs === undefined) continue;
    for (const entity of run.entities) {
      const those = answered.get(entity);
      if (those) those.push({ run, okNs });
      else answered.set(entity, [{ run, okNs }]);
    }
  }
  return new Map([...answered].map(([entity, those]) => [entity, new Register(those)]));
}
