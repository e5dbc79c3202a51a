// `npm run test:restart`: replicas leave and come back behind the balancers we ship, and nobody who calls may notice.
import type { BalancerName } from '../../support/a-balancer.js';
import provideRedis from '../../support/redis-binary.js';
import { storyOf } from '../history/story.js';
import { choiceOf, conclude, flagsOf, machine, misused, numberOf, type Showing } from '../program.js';
import { leg, type LegResult } from './leg.js';
import { redisLeg } from './redis-leg.js';
import { answersOf, requestsOf, unanswered } from './requests.js';

const HELP = `npm run test:restart -- [flags]

Three replicas behind haproxy, then behind nginx, and twenty callers with calls of 300 ms. Each replica in turn is asked
to leave (SIGTERM) and comes back: no request may fail. Then the same with kill -9: every call that was cut off is
repeated under its X-Request-ID and must be answered, and nothing may have been done twice. At last Redis itself is killed
and comes back with its append-only file: every call is answered a second after its deadline at the latest, nothing is
done twice, and calls are served again in under two seconds.

  --rounds <n>          how often each replica leaves, and Redis three times as often (1)
  --only <name>         haproxy, nginx or redis
  --signal <name>       SIGTERM or SIGKILL alone; Redis is only ever killed
  --seed <n>            repeats the calls of a run
  --bridge <main.js>    another build than dist/main.js
  -h, --help
`;

/** Redis is there again: so long until callers are served. */
const BACK_MS = 2_000;

const LEGS = ['haproxy', 'nginx', 'redis'] as const;
const SIGNALS = ['SIGTERM', 'SIGKILL'] as const;

const flags = flagsOf(
  {
    rounds: { type: 'string' },
    only: { type: 'string' },
    signal: { type: 'string' },
    seed: { type: 'string' },
    bridge: { type: 'string' },
  },
  HELP,
);
const only = choiceOf('--only', flags.only, LEGS, HELP);
const signal = choiceOf('--signal', flags.signal, SIGNALS, HELP);
if (only === 'redis' && signal === 'SIGTERM')
  misused('--only redis with --signal SIGTERM leaves nothing to do: Redis is only ever killed', HELP);
const rounds = numberOf(flags.rounds, 1, HELP);
const seed = numberOf(flags.seed, Math.floor(Math.random() * 1e6), HELP);
const balancers = (['haproxy', 'nginx'] as const).filter((balancer) => (only ?? balancer) === balancer);
const program = flags.bridge === undefined ? {} : { program: [flags.bridge] };

console.log(`seed ${seed}; ${machine()}`);
provideRedis();
const showings: Showing[] = [];
const figures: object[] = [];
for (const balancer of balancers) {
  for (const each of SIGNALS.filter((name) => (signal ?? name) === name)) {
    const result = await leg({ balancer, seed, rounds, signal: each, ...program }, console.log);
    showings.push(...(each === 'SIGTERM' ? politely(balancer, result) : rudely(balancer, result)));
    figures.push(told(`${balancer}, ${each}`, result));
  }
}
if ((only ?? 'redis') === 'redis' && signal !== 'SIGTERM') showings.push(...(await redis()));
conclude('restart', showings, { seed, rounds, figures });

function politely(balancer: BalancerName, { history, violations, exits, orphans }: LegResult): Showing[] {
  const { failed } = requestsOf(history.clients);
  return [
    { what: `${balancer}: no request failed while replicas left (${failed.length} did)`, isShown: failed.length === 0 },
    { what: `${balancer}: no rule was broken (${violations.length} times)`, isShown: violations.length === 0 },
    { what: `${balancer}: replicas ended with exit code 0 (${exits.join(' ')})`, isShown: exits.every((code) => code === 0) },
    { what: `${balancer}: no child stayed behind (${orphans} did)`, isShown: orphans === 0 },
  ];
}

function rudely(balancer: BalancerName, { history, violations, orphans }: LegResult): Showing[] {
  const open = unanswered(history.clients);
  if (open[0] !== undefined) console.log(`never answered: ${open.join(', ')}\n${storyOf([open[0]], history)}`);
  return [
    { what: `${balancer}, kill -9: whoever repeated his call was answered (${open.length} were not)`, isShown: open.length === 0 },
    { what: `${balancer}, kill -9: no rule was broken (${violations.length} times)`, isShown: violations.length === 0 },
    { what: `${balancer}, kill -9: no child stayed behind (${orphans} did)`, isShown: orphans === 0 },
  ];
}

async function redis(): Promise<Showing[]> {
  const result = await redisLeg({ seed, kills: 3 * rounds, ...program }, console.log);
  const { violations, backAfterMs } = result;
  const { latestMs, ...answers } = answersOf(result.history.clients);
  console.log(`redis: reads served again ${backAfterMs.read.join(', ')} ms after its return, writes ${backAfterMs.write.join(', ')} ms`);
  console.log(`redis: the last answer came ${latestMs} ms after its deadline; ${JSON.stringify(answers)}`);
  figures.push({ ...told('redis, SIGKILL', result), backAfterMs, latestMs, answers });
  const longest = Math.max(...backAfterMs.read, ...backAfterMs.write);
  return [
    { what: `redis: no rule was broken, deadlines among them (${violations.length} times)`, isShown: violations.length === 0 },
    { what: `redis: calls are served again in under ${BACK_MS} ms (${longest})`, isShown: longest < BACK_MS },
  ];
}

function told(name: string, { history, violations, folder }: Pick<LegResult, 'history' | 'violations' | 'folder'>) {
  const { sent, failed, p50Ms, p99Ms } = requestsOf(history.clients);
  console.log(`${name}: ${sent} requests, ${failed.length} failed, p50 ${p50Ms} ms, p99 ${p99Ms} ms, ${violations.length} violations`);
  for (const { rule, what, ops } of violations.slice(0, 5)) console.log(`  ${rule}: ${what}\n${storyOf(ops, history)}`);
  if (folder !== undefined) console.log(`  the logs are in ${folder}`);
  const failures = failed.slice(0, 5).map(({ op, attempt }) => `${op}#${attempt}`);
  if (failures.length > 0) console.log(`  failed: ${failures.join(', ')}\n${storyOf([failed[0]?.op ?? ''], history)}`);
  return { name, sent, failed: failed.length, p50Ms, p99Ms, violations };
}
