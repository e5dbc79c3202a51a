import type { Answer, ClientEvent } from './history.js';
import { NS_PER_MS } from './history.js';
import type { RunResult } from './run.js';
import { storyOf } from './story.js';
import { type Rule, RULES } from './violation.js';

export interface Figures {
  readonly seconds: number;
  readonly calls: number;
  readonly writes: number;
  readonly faults: RunResult['faults'];
  readonly kills: number;
  /** By rule, without those that are owed to the fault itself. */
  readonly violations: Readonly<Record<Rule, number>>;
  /** With a replica that was frozen for longer than its lease. */
  readonly overlapsBeyondLease: number;
  /** From memory, by a replica that could not hear of writes, or of those of one that could not tell. */
  readonly staleWhileCut: number;
  /** After each kill of Redis, from its return to the first answer of a child. */
  readonly backAfterMs: readonly number[];
  readonly unknownWrites: number;
  readonly unknownShare: number;
  /** Attempts by what was answered. */
  readonly answers: Readonly<Record<string, number>>;
  /** HTTP statuses of errors that the contract does not know. */
  readonly strange: readonly string[];
  readonly troubledInCalm: number;
  /** Of the process that calls and kills, 99 of 100 cases, in ms. */
  readonly lagMs: number;
}

const TOLD_AT_MOST = 5;
const CONTRACT = /^(429|502|503|504) |^the balancer said (502|503|504)/;
/** After the last fault things take so long to be whole: a lease, a sweep, a replica that starts. */
const SETTLED_BEFORE_END_MS = 5_000;

export function figuresOf({ history, violations, faults, kills, backAfterMs, seconds, lagMs }: RunResult): Figures {
  const { clients } = history;
  const writes = new Set(clients.flatMap((event) => (event.is === 'inv' && event.kind === 'write' ? [event.op] : [])));
  const last = lastAnswers(clients);
  const unknownWrites = [...last.values()].filter(({ is }) => is === 'unknown').length;
  const answers = clients.filter((event) => event.is !== 'inv');
  const strange = answers.flatMap((answer) => ('why' in answer && !('isCut' in answer) && !CONTRACT.test(answer.why) ? [answer.why] : []));
  const counted = violations.filter(({ isExempt }) => isExempt !== true);
  const exempt = (rule: Rule) => violations.filter((violation) => violation.isExempt === true && violation.rule === rule).length;
  return {
    seconds: Math.round(seconds),
    calls: new Set(clients.map(({ op }) => op)).size,
    writes: writes.size,
    faults,
    kills,
    violations: Object.fromEntries(RULES.map((rule) => [rule, counted.filter((violation) => violation.rule === rule).length])) as Record<
      Rule,
      number
    >,
    overlapsBeyondLease: exempt('overlap'),
    staleWhileCut: exempt('stale-read'),
    unknownWrites,
    unknownShare: unknownWrites / Math.max(1, writes.size),
    answers: countBy(answers, ({ is }) => is),
    strange: [...new Set(strange)],
    troubledInCalm: troubledAtTheEnd(clients),
    backAfterMs,
    lagMs,
  };
}

export function tell({ history, violations, folder }: RunResult, figures: Figures): void {
  const { seconds, calls, writes, faults, kills, answers, unknownWrites, unknownShare, overlapsBeyondLease, staleWhileCut } = figures;
  console.log(`${calls} calls in ${seconds} s, ${writes} of them writes; ${told(answers)}`);
  console.log(`faults: ${told(faults)}; ${kills} kills`);
  console.log(`violations: ${told(figures.violations)}`);
  console.log(
    `unknown: ${unknownWrites} writes, ${(unknownShare * 100).toFixed(2)} %; owed to the faults themselves: ` +
      `${overlapsBeyondLease} overlaps with a replica frozen past its lease, ${staleWhileCut} reads from a memory that could not hear of a write`,
  );
  console.log(`after kills of Redis callers were served again within ${figures.backAfterMs.join(', ')} ms of its return`);
  console.log(`this process was up to ${figures.lagMs} ms late in 99 of 100 moments`);
  const judged = violations.filter(({ isExempt }) => isExempt !== true);
  for (const { rule, what, ops } of judged.slice(0, TOLD_AT_MOST)) console.log(`  ${rule}: ${what}\n${storyOf(ops, history)}`);
  if (judged.length > TOLD_AT_MOST) console.log(`  and ${judged.length - TOLD_AT_MOST} more`);
  if (folder !== undefined) console.log(`  the logs are in ${folder}`);
}

/** What each write's caller knows in the end. */
function lastAnswers(clients: readonly ClientEvent[]): ReadonlyMap<string, Answer> {
  const last = new Map<string, Answer>();
  for (const event of clients) if (event.is !== 'inv') last.set(event.op, event);
  return last;
}

/** Calls of the last seconds, when everything has been whole for long, that were answered with anything but ok. */
function troubledAtTheEnd(clients: readonly ClientEvent[]): number {
  const endNs = clients.reduce((last, { ns }) => Math.max(last, ns), 0);
  const late = new Set(
    clients.flatMap((event) =>
      event.is === 'inv' && event.attempt === 1 && event.ns > endNs - SETTLED_BEFORE_END_MS * NS_PER_MS ? [event.op] : [],
    ),
  );
  return clients.filter((event) => event.is !== 'inv' && event.is !== 'ok' && late.has(event.op)).length;
}

function countBy<Item>(items: readonly Item[], nameOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}

function told(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
