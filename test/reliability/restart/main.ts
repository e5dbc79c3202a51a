// `npm run test:restart`: replicas leave and come back behind the balancers we ship, and nobody who calls may notice.
import type { BalancerName } from '../../support/a-balancer.js';
import provideRedis from '../../support/redis-binary.js';
import { storyOf } from '../history/story.js';
import { conclude, flagsOf, machine, numberOf, type Showing } from '../program.js';
import { leg, type LegResult } from './leg.js';
import { requestsOf, unanswered } from './requests.js';

const HELP = `npm run test:restart -- [flags]

Three replicas behind haproxy, then behind nginx, and twenty callers with calls of 300 ms. Each replica in turn is asked
to leave (SIGTERM) and comes back: no request may fail. Then the same with kill -9: every call that was cut off is
repeated under its X-Request-ID and must be answered, and nothing may have been done twice.

  --rounds <n>          how often each replica leaves (1)
  --balancer <name>     haproxy or nginx alone
  --seed <n>            repeats the calls of a run
  --bridge <main.js>    another build than dist/main.js
  -h, --help
`;

const flags = flagsOf(
  { rounds: { type: 'string' }, balancer: { type: 'string' }, seed: { type: 'string' }, bridge: { type: 'string' } },
  HELP,
);
const rounds = numberOf(flags.rounds, 1, HELP);
const seed = numberOf(flags.seed, Math.floor(Math.random() * 1e6), HELP);
const balancers: readonly BalancerName[] =
  flags.balancer === 'haproxy' || flags.balancer === 'nginx' ? [flags.balancer] : ['haproxy', 'nginx'];
const program = flags.bridge === undefined ? {} : { program: [flags.bridge] };

console.log(`seed ${seed}; ${machine()}`);
provideRedis();
const showings: Showing[] = [];
const figures: object[] = [];
for (const balancer of balancers) {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const result = await leg({ balancer, seed, rounds, signal, ...program }, console.log);
    showings.push(...(signal === 'SIGTERM' ? politely(balancer, result) : rudely(balancer, result)));
    figures.push(told(`${balancer}, ${signal}`, result));
  }
}
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

function told(name: string, { history, violations, folder }: LegResult) {
  const { sent, failed, p50Ms, p99Ms } = requestsOf(history.clients);
  console.log(`${name}: ${sent} requests, ${failed.length} failed, p50 ${p50Ms} ms, p99 ${p99Ms} ms, ${violations.length} violations`);
  for (const { rule, what, ops } of violations.slice(0, 5)) console.log(`  ${rule}: ${what}\n${storyOf(ops, history)}`);
  if (folder !== undefined) console.log(`  the logs are in ${folder}`);
  const failures = failed.slice(0, 5).map(({ op, attempt }) => `${op}#${attempt}`);
  if (failures.length > 0) console.log(`  failed: ${failures.join(', ')}\n${storyOf([failed[0]?.op ?? ''], history)}`);
  return { name, sent, failed: failed.length, p50Ms, p99Ms, violations };
}
