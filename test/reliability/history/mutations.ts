import { factsOf, type Op, type Run } from './facts.js';
import type { Answer, ClientEvent, History, LedgerLine, Outage } from './history.js';
import { NS_PER_MS } from './history.js';
import { linesOf } from './lock-lines.js';
import type { Random } from './random.js';
import type { Rule } from './violation.js';

/** A bug put into a clean history: the rule that must report it, as nothing exempt, and the op it must name. */
export interface Mutation {
  readonly rule: Rule;
  readonly bug: string;
  apply(history: History, random: Random): { readonly history: History; readonly op: string };
}

const LATE_NS = 1_001 * NS_PER_MS;

export const MUTATIONS: readonly Mutation[] = [
  {
    rule: 'lost-reply',
    bug: 'an answer gets lost',
    apply(history, random) {
      const answer = random.pick(answersOf(history));
      return withClients(
        history,
        answer.op,
        history.clients.filter((event) => event !== answer),
      );
    },
  },
  {
    rule: 'two-replies',
    bug: 'an answer comes twice',
    apply(history, random) {
      const answer = random.pick(answersOf(history));
      return withClients(history, answer.op, [...history.clients, { ...answer, ns: answer.ns + NS_PER_MS }]);
    },
  },
  {
    rule: 'late-reply',
    bug: 'an answer comes a second and a millisecond after its deadline',
    apply(history, random) {
      const { op, ns } = random.pick(answersOf(history).filter(({ is }) => is === 'not_started'));
      return withClients(
        history,
        op,
        changed(history.clients, op, (event) => (event.is === 'inv' ? event : { ...event, ns: ns + LATE_NS })),
      );
    },
  },
  {
    rule: 'acked-not-done',
    bug: 'a write is answered without having ended',
    apply(history, random) {
      const { id } = random.pick(doneWrites(history));
      return withLedger(
        history,
        id,
        history.ledger.filter(({ op, ev }) => op !== id || ev === 'start'),
      );
    },
  },
  {
    rule: 'failed-but-ran',
    bug: 'a write runs after its caller heard that it would not',
    apply(history, random) {
      const { op, ns } = random.pick(answersOf(history).filter(({ is }) => is === 'not_started'));
      return withLedger(history, op, [...history.ledger, ...runLines(op, ns + NS_PER_MS)]);
    },
  },
  {
    rule: 'dup-write',
    bug: 'a write is done again by another child',
    apply(history, random) {
      const { id } = random.pick(doneWrites(history));
      return withLedger(history, id, [...history.ledger, ...runLines(id, endOf(history))]);
    },
  },
  {
    rule: 'phantom',
    bug: 'something runs that nobody asked for',
    apply(history) {
      return withLedger(history, 'nobody', [...history.ledger, ...runLines('nobody', endOf(history))]);
    },
  },
  {
    rule: 'before-invoke',
    bug: 'a write runs before it is asked for',
    apply(history, random) {
      const { id, runs } = random.pick(doneWrites(history));
      const ns = (runs[0]?.startNs ?? 0) + 1;
      return withClients(
        history,
        id,
        changed(history.clients, id, (event) => (event.is === 'inv' ? { ...event, ns } : event)),
      );
    },
  },
  {
    rule: 'overlap',
    bug: 'a write starts before the one ahead of it has ended',
    apply(history, random) {
      const [first, second] = random.pick(neighbours(history));
      const ns = second.startNs + 1;
      return withLedger(
        history,
        second.op,
        history.ledger.map((line) => (line.op === first.op && line.ev === 'end' ? { ...line, ns } : line)),
      );
    },
  },
  {
    rule: 'overlap',
    bug: 'a write starts while the child of a write that never ended still lives',
    apply(history, random) {
      const [first, second] = random.pick(neighbours(history, ({ hasEnded }) => !hasEnded));
      const lastAlive = new Map(history.lastAlive).set(first.pid, [second.startNs + 1]);
      return { history: { ...history, lastAlive }, op: second.op };
    },
  },
  {
    rule: 'overlap',
    bug: 'a write overlaps with one that lasts longer and is owed to a freeze, and with one that is not',
    apply(history, random) {
      const [first, second] = random.pick(neighbours(history));
      const fromNs = second.startNs - history.leaseMs * NS_PER_MS;
      const untilNs = second.startNs + NS_PER_MS;
      const freeze: Outage = { replica: 'frozen', is: 'frozen', fromNs, untilNs, wholeNs: untilNs };
      const leftOver = { op: 'left over', kind: 'write' as const, entities: first.entities, value: null, pid: 0, replica: freeze.replica };
      const ledger = history.ledger.map((line) => (line.op === first.op && line.ev === 'end' ? { ...line, ns: second.startNs + 1 } : line));
      ledger.push({ ...leftOver, ev: 'start', ns: first.startNs + 1 }, { ...leftOver, ev: 'end', ns: untilNs });
      return { history: { ...history, ledger, outages: [freeze] }, op: second.op };
    },
  },
  {
    rule: 'accept-order',
    bug: 'a write overtakes one that was accepted before it',
    apply(history, random) {
      const [first, second] = random.pick(neighbours(history, ({ hasEnded }) => hasEnded));
      const sequenceOf = (op: string) => history.audit.find(({ requestId }) => requestId === op)?.sequence ?? 0;
      const swapped = new Map([
        [first.op, sequenceOf(second.op)],
        [second.op, sequenceOf(first.op)],
      ]);
      const audit = history.audit.map((row) => ({ ...row, sequence: swapped.get(row.requestId ?? '') ?? row.sequence ?? 0 }));
      return { history: { ...history, audit }, op: second.op };
    },
  },
  {
    rule: 'realtime-order',
    bug: 'a write starts before one that was answered when it was asked for',
    apply(history, random) {
      const { ops } = factsOf(history);
      const isAfter = (first: Run, second: Run) => (ops.get(first.op)?.okNs ?? Infinity) < (ops.get(second.op)?.attempts[0]?.asked.ns ?? 0);
      const [first, second] = random.pick(neighbours(history).filter(([one, other]) => isAfter(one, other)));
      const timesOf = new Map([
        [first.op, second],
        [second.op, first],
      ]);
      const ledger = history.ledger.map((line) => {
        const other = timesOf.get(line.op);
        return other ? { ...line, ns: line.ev === 'start' ? other.startNs : other.untilNs } : line;
      });
      return withLedger(history, second.op, ledger);
    },
  },
  {
    rule: 'stale-read',
    bug: 'a read returns what had been replaced',
    apply(history, random) {
      const { ops, lines } = factsOf(history);
      const stale = answersOf(history).flatMap((answer) => {
        const asked = ops.get(answer.op)?.attempts[0]?.asked;
        if (answer.is !== 'ok' || asked?.kind !== 'read') return [];
        const done = (lines.get(asked.entities[0] ?? '') ?? []).filter(({ run }) => (ops.get(run.op)?.okNs ?? Infinity) < asked.ns);
        const replaced = done.filter(({ mode }) => mode === 'X').at(-2);
        return replaced ? [{ op: answer.op, value: replaced.run.op }] : [];
      });
      const { op, value } = random.pick(stale);
      return withClients(
        history,
        op,
        changed(history.clients, op, (event) => (event.is === 'ok' ? { ...event, values: [value] } : event)),
      );
    },
  },
  {
    rule: 'cross-talk',
    bug: 'two callers get each other’s answers',
    apply(history, random) {
      const [one, other] = [random.pick(noncesOf(history)), random.pick(noncesOf(history))];
      return withClients(
        history,
        one.op,
        changed(history.clients, one.op, (event) => (event.is === 'ok' ? { ...event, nonce: `not ${other.op}` } : event)),
      );
    },
  },
  {
    rule: 'audit-mismatch',
    bug: 'the audit lacks a row',
    apply(history, random) {
      const { id } = random.pick(doneWrites(history));
      return { history: { ...history, audit: history.audit.filter(({ requestId }) => requestId !== id) }, op: id };
    },
  },
  {
    rule: 'audit-mismatch',
    bug: 'the audit says done of a write that was not',
    apply(history, random) {
      const { op } = random.pick(answersOf(history).filter(({ is }) => is === 'not_started'));
      const audit = history.audit.map((row) => (row.requestId === op ? { ...row, outcome: 'done' as const } : row));
      return { history: { ...history, audit }, op };
    },
  },
];

function answersOf({ clients }: History): Answer[] {
  return clients.filter((event) => event.is !== 'inv');
}

function noncesOf(history: History) {
  return answersOf(history).filter((answer) => answer.is === 'ok' && answer.nonce !== undefined);
}

function doneWrites(history: History): Op[] {
  return [...factsOf(history).ops.values()].filter(({ runs, okNs }) => okNs !== undefined && runs.length > 0);
}

/** Pairs that follow each other directly on the line of their entity. */
function neighbours(history: History, isFit: (first: Run) => boolean = ({ hasEnded }) => hasEnded): (readonly [Run, Run])[] {
  return [...factsOf(history).lines].flatMap(([line, holdings]) =>
    holdings.flatMap(({ run, mode }, index) => {
      const next = holdings[index + 1];
      const isPair = next && mode === 'X' && next.mode === 'X' && isFit(run) && next.run.hasEnded && linesOf(run.entities).length === 3;
      return isPair && line.includes('.') ? [[run, next.run] as const] : [];
    }),
  );
}

function runLines(op: string, ns: number): LedgerLine[] {
  const line = { op, kind: 'write' as const, entities: ['light.apart'], value: op, pid: 2, replica: 'b' };
  return [
    { ...line, ev: 'start', ns },
    { ...line, ev: 'end', ns: ns + NS_PER_MS },
  ];
}

function endOf({ ledger }: History): number {
  return ledger.reduce((last, { ns }) => Math.max(last, ns), 0) + NS_PER_MS;
}

function changed(clients: readonly ClientEvent[], op: string, change: (event: ClientEvent) => ClientEvent): ClientEvent[] {
  return clients.map((event) => (event.op === op ? change(event) : event));
}

function withClients(history: History, op: string, clients: readonly ClientEvent[]) {
  return { history: { ...history, clients }, op };
}

function withLedger(history: History, op: string, ledger: readonly LedgerLine[]) {
  return { history: { ...history, ledger }, op };
}
