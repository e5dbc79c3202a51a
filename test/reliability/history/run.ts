import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { GATE_TIMES } from '../../../src/queue/bullmq/gate-times.js';
import { backAfter } from './back-after.js';
import { check } from './check.js';
import { hangingWrite } from './hanging-write.js';
import { type History, NS_PER_MS } from './history.js';
import { Nemesis } from './nemesis.js';
import { Random } from './random.js';
import { Rig } from './rig.js';
import { type Mix, schedule } from './schedule.js';
import type { Violation } from './violation.js';

export interface RunPlan {
  readonly seed: number;
  readonly mix: Mix;
  /** At least so long, so many writes and so many kills; then the calm. */
  readonly seconds: number;
  readonly writes: number;
  readonly kills: number;
  readonly calmSeconds: number;
  /** Between two faults. */
  readonly gapMs: readonly [number, number];
  /** What Node runs in place of the built product. */
  readonly program?: readonly string[];
}

export interface RunResult {
  readonly history: History;
  readonly violations: readonly Violation[];
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: number;
  /** How long callers waited for the first answer of a child after Redis was there again, in ms. */
  readonly backAfterMs: readonly number[];
  /** Exit codes of replicas that were asked to leave: all 0, or something is wrong. */
  readonly exits: readonly (number | null)[];
  /** What the nemesis could not do: then the run says little, whatever else it says. */
  readonly failures: readonly string[];
  readonly seconds: number;
  /** How late this process itself was in 99 of 100 cases, in ms: the machine's noise. */
  readonly lagMs: number;
  /** What was written down, kept when something was violated or could not be done. */
  readonly folder?: string;
}

const TELL_EVERY_MS = 10_000;

/** Callers and a nemesis at once, then a calm in which everything must be whole again, then the rules. */
export async function run(plan: RunPlan, say: (line: string) => void): Promise<RunResult> {
  const rig = await Rig.start({ seed: plan.seed, replicas: 3, balancer: 'haproxy', ...(plan.program && { program: plan.program }) });
  const beganAt = performance.now();
  const seconds = () => (performance.now() - beganAt) / 1000;
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  const nemesis = new Nemesis(
    rig.cluster,
    () => hangingWrite(rig),
    (line) => say(`  ${seconds().toFixed(1)} s ${line}`),
  );
  const telling = setInterval(
    () => say(`> ${seconds().toFixed(0)} s: ${rig.log.summary}, ${nemesis.faults} faults, ${nemesis.kills} kills`),
    TELL_EVERY_MS,
  );
  let isClean = false;
  try {
    const callersOver = new AbortController();
    const faultsOver = new AbortController();
    const calling = rig.call(callersOver.signal);
    const harming = nemesis.run(schedule(new Random(plan.seed), { ...plan, leaseMs: GATE_TIMES.leaseMs }), faultsOver.signal);
    const isEnough = () => seconds() >= plan.seconds && rig.log.writes >= plan.writes && nemesis.kills >= plan.kills;
    while (!isEnough()) await pause(100);
    faultsOver.abort();
    await harming;
    await nemesis.calm();
    say(`> ${seconds().toFixed(0)} s: calm`);
    await pause(plan.calmSeconds * 1000);
    callersOver.abort();
    await calling;
    const history = rig.history(nemesis.outages);
    const violations = check(history);
    isClean = nemesis.failures.length === 0 && violations.every(({ isExempt }) => isExempt === true);
    return {
      history,
      violations,
      faults: Object.fromEntries(nemesis.counts),
      kills: nemesis.kills,
      backAfterMs: backAfter(nemesis.revivals, history),
      exits: nemesis.exits,
      failures: nemesis.failures,
      seconds: seconds(),
      lagMs: Math.round(lag.percentile(99) / NS_PER_MS),
      ...(!isClean && { folder: rig.folder }),
    };
  } finally {
    clearInterval(telling);
    await rig.close(!isClean);
  }
}
