import type { Facts, Op, Run } from '../facts.js';
import { type Answer, type Asked, attemptKey, type History, type Nanoseconds, NS_PER_MS, type Outage, type Value } from '../history.js';
import type { Violation } from '../violation.js';
import { Register, type Witness } from './register.js';

/** What ended in so short a time before `unknown` was said may have been missed by who said it. */
const IN_PASSING_NS = 1_000 * NS_PER_MS;

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

/** Of one entity: what its readers must have seen, by when writers were answered, and by when that could be told. */
interface Registers {
  readonly answered: Register;
  readonly told: Register;
}

function judge(id: string, asked: Asked, given: Given, registers: ReadonlyMap<string, Registers>, { ops, history }: Facts): Violation[] {
  return asked.entities.flatMap((entity, index): Violation[] => {
    const value = given.values[index] ?? null;
    const { answered, told } = registers.get(entity) ?? {};
    const wrong = (register: Register | undefined) => wrongWith(value, entity, asked, given, register, ops);
    const what = wrong(answered);
    if (what === undefined) return [];
    const violation = { rule: 'stale-read' as const, ops: [id, ...wroteInVain(value, what)], what: `${entity}: ${what.text}` };
    return [isDeaf(asked, given, history) || wrong(told) === undefined ? { ...violation, isExempt: true } : violation];
  });
}

interface Wrong {
  readonly text: string;
  readonly unseen?: string;
}

/** For the story: the write that was read, and the one that should have been. */
function wroteInVain(value: Value, { unseen }: Wrong): readonly string[] {
  return [value, unseen].filter((op) => op !== null && op !== undefined);
}

function wrongWith(
  value: Value,
  entity: string,
  asked: Asked,
  given: Given,
  register: Register | undefined,
  ops: Facts['ops'],
): Wrong | undefined {
  const writer = value === null ? undefined : writerOf(ops.get(value), entity);
  if (value !== null && !writer) return { text: `${value} was never written there` };
  if (writer && writer.startNs > given.ns) return { text: `${value} was written later` };
  const successor = register?.lastStarted(asked.ns - (given.ageMs ?? 0) * NS_PER_MS);
  if (!successor || successor.startNs < (writer?.untilNs ?? 0)) return undefined;
  return { text: `${value ?? 'nothing'} had been replaced by ${successor.op}, whose caller knew it`, unseen: successor.op };
}

/** Whoever answered from memory could not hear of a write. Who asks for himself alone is answered by a child. */
function isDeaf({ nonce, ns }: Asked, given: Given, { outages, holders }: History): boolean {
  if (nonce !== undefined) return false;
  const reader = holders.get(attemptKey(given));
  return outages.some((outage) => outage.replica === reader && outage.is !== 'killed' && outage.fromNs <= given.ns && ns <= outage.wholeNs);
}

function writerOf(op: Op | undefined, entity: string): Run | undefined {
  return op?.runs.find(({ kind, entities }) => kind === 'write' && entities.includes(entity));
}

function registersOf({ writes, ops, history }: Facts): Map<string, Registers> {
  const known = new Map<string, { readonly answered: Witness[]; readonly told: Witness[] }>();
  const mutes = mutesByReplica(history);
  for (const run of writes) {
    const answers = answersThatKnow(run, ops.get(run.op));
    if (answers.length === 0) continue;
    const answeredNs = Math.min(...answers.map(({ ns }) => ns));
    const toldNs = Math.min(...answers.map((answer) => toldAfter(answer, mutes.get(history.holders.get(attemptKey(answer)) ?? ''))));
    for (const entity of run.entities) {
      const { answered, told } = known.get(entity) ?? { answered: [], told: [] };
      answered.push({ run, ns: answeredNs });
      told.push({ run, ns: toldNs });
      known.set(entity, { answered, told });
    }
  }
  return new Map(
    [...known].map(([entity, { answered, told }]) => [entity, { answered: new Register(answered), told: new Register(told) }]),
  );
}

/** Those after which nobody may read anything older: it was done, or it had been done when its end was called unknown. */
function answersThatKnow({ hasEnded, untilNs }: Run, op: Op | undefined): readonly Answer[] {
  const answers = op?.attempts.flatMap((attempt) => attempt.answers) ?? [];
  return answers.filter(
    (answer) => answer.is === 'ok' || (answer.is === 'unknown' && !('isCut' in answer) && hasEnded && untilNs + IN_PASSING_NS < answer.ns),
  );
}

/** A replica that is cut off when its caller can wait no longer tells the others when it is whole. */
function toldAfter({ ns }: Answer, mutes: readonly Outage[] = []): Nanoseconds {
  return Math.max(ns, ...mutes.filter(({ fromNs, wholeNs }) => fromNs <= ns && ns <= wholeNs).map(({ wholeNs }) => wholeNs));
}

function mutesByReplica({ outages }: History): Map<string, Outage[]> {
  const byReplica = new Map<string, Outage[]>();
  for (const outage of outages) if (outage.is === 'cut') byReplica.set(outage.replica, [...(byReplica.get(outage.replica) ?? []), outage]);
  return byReplica;
}
