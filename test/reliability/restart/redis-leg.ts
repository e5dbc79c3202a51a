import { setTimeout as pause } from 'node:timers/promises';
import { backAfter } from '../history/back-after.js';
import { check } from '../history/check.js';
import type { History, Kind, Nanoseconds, Outage } from '../history/history.js';
import { now } from '../history/now.js';
import { Rig } from '../history/rig.js';
import { untilWhole } from '../history/until-whole.js';
import type { Violation } from '../history/violation.js';
import { aCalmWish } from './a-calm-wish.js';

export interface RedisLegPlan {
  readonly seed: number;
  readonly kills: number;
  readonly program?: readonly string[];
}

export interface RedisLegResult {
  readonly history: History;
  readonly violations: readonly Violation[];
  /** For each kill: from the moment Redis answers again to the first call that a child ran after it, in ms. */
  readonly backAfterMs: Readonly<Record<Kind, readonly number[]>>;
  readonly folder?: string;
}

const CALL_MS = 50;
const AWAY_MS = 1_000;
const BETWEEN_MS = 2_000;

/** Redis, with its append-only file, is killed and comes back, while twenty callers go on. */
export async function redisLeg({ seed, kills, program }: RedisLegPlan, say: (line: string) => void): Promise<RedisLegResult> {
  const rig = await Rig.start({ seed, replicas: 3, balancer: 'haproxy', ...(program && { program }) });
  let violations: readonly Violation[] | undefined;
  try {
    const { redis, replicas } = rig.cluster;
    const over = new AbortController();
    const calling = rig.call(over.signal, { workMs: [CALL_MS, CALL_MS], budgetMs: [2_000, 6_000], wish: aCalmWish });
    const outages: Outage[] = [];
    const back: Nanoseconds[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      await pause(BETWEEN_MS);
      say(`> redis: kill ${kill} of ${kills}; ${rig.log.summary}`);
      const fromNs = now();
      await redis.kill();
      await pause(AWAY_MS);
      await redis.restart();
      const untilNs = now();
      back.push(untilNs);
      const whole = await Promise.all(replicas.map(({ url }) => untilWhole(url)));
      outages.push(
        ...replicas.map(({ name }, n) => ({ replica: name, is: 'cut' as const, fromNs, untilNs, wholeNs: whole[n] ?? untilNs })),
      );
    }
    await pause(BETWEEN_MS);
    over.abort();
    await calling;
    const history = rig.history(outages);
    violations = check(history).filter(({ isExempt }) => isExempt !== true);
    const backAfterMs = { read: backAfter(back, history, 'read'), write: backAfter(back, history, 'write') };
    return { history, violations, backAfterMs, ...(violations.length > 0 && { folder: rig.folder }) };
  } finally {
    await rig.close(violations === undefined || violations.length > 0);
  }
}
