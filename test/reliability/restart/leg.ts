import { setTimeout as pause } from 'node:timers/promises';
import type { BalancerName } from '../../support/a-balancer.js';
import type { Replica } from '../../support/a-replica.js';
import { check } from '../history/check.js';
import type { History, Outage } from '../history/history.js';
import { now } from '../history/now.js';
import { Rig } from '../history/rig.js';
import type { Violation } from '../history/violation.js';
import { aCalmWish } from './a-calm-wish.js';

export interface LegPlan {
  readonly balancer: BalancerName;
  readonly seed: number;
  readonly rounds: number;
  /** Politely, or with kill -9. */
  readonly signal: 'SIGTERM' | 'SIGKILL';
  readonly program?: readonly string[];
}

export interface LegResult {
  readonly history: History;
  readonly violations: readonly Violation[];
  /** Of every replica that was asked to leave. */
  readonly exits: readonly (number | null)[];
  /** Children that outlived their replica. */
  readonly orphans: number;
  readonly folder?: string;
}

const CALL_MS = 300;
const BETWEEN_MS = 1_000;
/** The warden gives children a second, then kills. */
const ORPHANED_MS = 2_000;

/** Each replica in turn leaves and comes back, while twenty callers go on. */
export async function leg(plan: LegPlan, say: (line: string) => void): Promise<LegResult> {
  const { balancer, seed, signal, program } = plan;
  const rig = await Rig.start({ seed, replicas: 3, balancer, ...(program && { program }) });
  let violations: readonly Violation[] | undefined;
  try {
    const over = new AbortController();
    const calling = rig.call(over.signal, { workMs: [CALL_MS, CALL_MS], budgetMs: [15_000, 15_000], attempts: 10, wish: aCalmWish });
    const outages: Outage[] = [];
    const exits: (number | null)[] = [];
    let orphans = 0;
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const replica of rig.cluster.replicas) {
        await pause(BETWEEN_MS);
        say(`> ${balancer}, round ${round} of ${plan.rounds}: ${signal} to ${replica.name}; ${rig.log.summary}`);
        const fromNs = now();
        const code = await replica.stop(signal);
        if (signal === 'SIGTERM') exits.push(code);
        orphans += await orphansOf(replica, signal);
        await rig.cluster.startAgain(replica);
        const untilNs = now();
        if (signal === 'SIGKILL') outages.push({ replica: replica.name, is: 'killed', fromNs, untilNs, wholeNs: untilNs });
      }
    }
    await pause(BETWEEN_MS);
    over.abort();
    await calling;
    const history = rig.history(outages);
    violations = check(history);
    return { history, violations, exits, orphans, ...(violations.length > 0 && { folder: rig.folder }) };
  } finally {
    await rig.close(violations === undefined || violations.length > 0);
  }
}

async function orphansOf(replica: Replica, signal: LegPlan['signal']): Promise<number> {
  if (signal === 'SIGKILL') await pause(ORPHANED_MS);
  return replica.children().length;
}
