import { join } from 'node:path';
import type { Replica } from '../../support/a-replica.js';
import { eventually } from '../../support/eventually.js';
import { check } from './check.js';
import { recordedLedger } from './recorded.js';
import { Rig } from './rig.js';
import type { Rule, Violation } from './violation.js';
import { WEAK_LEASE_MS, type WeaknessName } from './weakness.js';
import type { Wish } from './wishes.js';

/** A bridge without one of its guards, and what makes the lack of it felt: a checker that finds nothing is broken. */
export interface Control {
  readonly without: WeaknessName;
  readonly rule: Rule;
  readonly provoke: (rig: Rig) => Promise<void>;
}

const LOADER = join(import.meta.dirname, '../../support/run-typescript.mjs');
const BRIDGE = join(import.meta.dirname, 'weakened-bridge.ts');
const CALLERS = 10;
const KILLS = 6;
const PATIENCE_MS = 30_000;

export const CONTROLS: readonly Control[] = [
  { without: 'locks', rule: 'overlap', provoke: (rig) => callFor(rig, 2_000) },
  { without: 'journal', rule: 'dup-write', provoke: (rig) => callFor(rig, 2_000) },
  { without: 'requestIds', rule: 'dup-write', provoke: whileChildrenDie },
  { without: 'fence', rule: 'overlap', provoke: pastTheLease },
  { without: 'freshness', rule: 'failed-but-ran', provoke: withAHeldAcceptance },
];

/** @returns what the checker found when the guard was missing */
export async function violationsWithout({ without, provoke }: Control, seed: number): Promise<readonly Violation[]> {
  const program = ['--import', LOADER, BRIDGE, without];
  const rig = await Rig.start({ seed, replicas: 2, program, leaseMs: WEAK_LEASE_MS });
  try {
    await provoke(rig);
    return check(rig.history());
  } finally {
    await rig.close();
  }
}

function callFor(rig: Rig, ms: number): Promise<void> {
  return rig.call(AbortSignal.timeout(ms), { count: CALLERS, url: spread(rig) });
}

/** Callers ask again for what they cannot know. */
async function whileChildrenDie(rig: Rig): Promise<void> {
  const over = new AbortController();
  const calling = rig.call(over.signal, { count: CALLERS, url: spread(rig), workMs: [100, 300] });
  const killed = new Set<number>();
  while (killed.size < KILLS) {
    const child = await eventually(() => writing(rig, killed), Boolean, PATIENCE_MS);
    if (child === undefined) throw new Error('nobody writes');
    killed.add(child);
    process.kill(child, 'SIGKILL');
  }
  over.abort();
  await calling;
}

/** A child that is in the middle of a write. */
function writing(rig: Rig, killed: ReadonlySet<number>): number | undefined {
  const open = new Map<string, number>();
  for (const { ev, kind, op, pid } of recordedLedger(rig.ledger)) {
    if (ev === 'end') open.delete(op);
    else if (kind === 'write' && !killed.has(pid)) open.set(op, pid);
  }
  return [...open.values()].at(-1);
}

/** The replica that runs a write cannot renew its lease and goes on writing; the other one takes the entity over. */
async function pastTheLease(rig: Rig): Promise<void> {
  const { replicas } = rig.cluster;
  const urlOf = (replica: Replica | undefined) => replica?.url ?? '';
  const first = rig.askOnce({
    wish: theLamp,
    url: () => urlOf(replicas[0]),
    workMs: [3 * WEAK_LEASE_MS, 3 * WEAK_LEASE_MS],
    budgetMs: [20_000, 20_000],
  });
  // whichever had a free child
  const runsOn = await eventually(() => recordedLedger(rig.ledger)[0]?.replica);
  const cut = replicas.find(({ name }) => name === runsOn);
  if (!cut) throw new Error(`there is no replica ${runsOn}`);
  cut.path.set('up', { as: 'hold' });
  cut.path.set('down', { as: 'hold' });
  const other = replicas.find((replica) => replica !== cut);
  await rig.askOnce({ wish: theLamp, url: () => urlOf(other), workMs: [100, 100], budgetMs: [10_000, 10_000] }).answered;
  cut.path.heal();
  await first.answered;
}

/** The caller is told that nothing was started; then the network brings the acceptance after all. */
async function withAHeldAcceptance(rig: Rig): Promise<void> {
  const [held] = rig.cluster.replicas;
  if (!held) throw new Error('this takes a replica');
  const ask = () => rig.askOnce({ wish: theLamp, url: () => held.url, workMs: [10, 10], budgetMs: [8_000, 8_000] }).answered;
  // Redis knows a script only once it has been asked for
  await ask();
  held.path.strand(THE_LAMP.entities[0] ?? '');
  await ask();
  held.path.deliver();
  await eventually(() => started(rig) === 2, Boolean, 4 * WEAK_LEASE_MS).catch(() => undefined);
}

const theLamp = () => THE_LAMP;
const THE_LAMP: Wish = { kind: 'write', entities: ['light.0'], priority: 'MEDIUM', mayShare: false };

function started(rig: Rig): number {
  return recordedLedger(rig.ledger).filter(({ ev }) => ev === 'start').length;
}

function spread(rig: Rig): (caller: number) => string {
  const { replicas } = rig.cluster;
  return (caller) => replicas[caller % replicas.length]?.url ?? '';
}
