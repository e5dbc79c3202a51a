import { cpus, loadavg } from 'node:os';
import { check } from './check.js';
import { cleanHistory } from './clean-history.js';
import { type Mutation, MUTATIONS } from './mutations.js';
import { Random } from './random.js';

const CLEAN_OPS = 200_000;
const MUTATED_OPS = 2_000;
const US_PER_S = 1e6;

/** The checker judged by histories whose truth is known. */
export interface Trial {
  readonly falseAlarms: number;
  /** Of its own CPU time. */
  readonly cleanSeconds: number;
  /** More want to run than there are cores: then CPU time grows, too, with cold caches. */
  readonly isBusy: boolean;
  readonly missed: readonly Mutation[];
}

export function tryChecker(seed: number): Trial {
  const clean = cleanHistory(seed, CLEAN_OPS);
  const before = process.cpuUsage();
  const falseAlarms = check(clean).length;
  const { user, system } = process.cpuUsage(before);
  const small = cleanHistory(seed, MUTATED_OPS);
  const missed = MUTATIONS.filter((mutation) => {
    const { history, op } = mutation.apply(small, new Random(seed));
    return !check(history).some(({ rule, ops, isExempt }) => rule === mutation.rule && ops[0] === op && isExempt !== true);
  });
  return { falseAlarms, cleanSeconds: (user + system) / US_PER_S, isBusy: loadavg().some((load) => load > cpus().length), missed };
}
