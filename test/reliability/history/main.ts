// `npm run test:history`: many callers, a nemesis, and rules that compare what children did with what callers were told.
import provideRedis from '../../support/redis-binary.js';
import { choiceOf, conclude, flagsOf, machine, numberOf, type Showing } from '../program.js';
import { tryChecker } from './checker-trial.js';
import { CONTROLS, violationsWithout } from './controls.js';
import { MUTATIONS } from './mutations.js';
import { figuresOf, tell } from './report.js';
import { run, type RunPlan } from './run.js';
import { MIXES } from './schedule.js';

const HELP = `npm run test:history -- [flags]

Three replicas behind haproxy, twenty callers, and a nemesis that kills, freezes and cuts off children, replicas and
Redis. What the children wrote down is then held against what callers were told and against the audit: nothing lost,
nothing twice, no overlap, no disorder. Before it the checker must find a bug of each kind in made histories; after it,
it must find what bridges do that lack a guard. About two minutes; without flags at least 20 kills.

  --seed <n>            repeats the schedule of faults, though not what they meet
  --mix <name>          within: nobody is frozen for as long as a lease (default); beyond: one to two leases
  --writes <n>          go on until so many writes were asked for
  --kills <n>           go on until so many processes were killed
  --seconds <n>         go on for so long (45; with --writes or --kills: 0)
  --nightly             both mixes, an hour each
  --no-controls         the run alone
  --bridge <main.js>    another build than dist/main.js
  -h, --help

Exit code 1 when anything was violated; the logs are kept then, and the whole story of the op is printed.
`;

const SHORT = { seconds: 45, kills: 20, calmSeconds: 15, gapMs: [200, 2_000] } as const;
const SIZED = { calmSeconds: 30, gapMs: [200, 2_000] } as const;
const NIGHTLY = { calmSeconds: 30, gapMs: [200, 5_000] } as const;
const NIGHTLY_SECONDS = 3_600;
const CLEAN_LIMIT_SECONDS = 5;

const flags = flagsOf(
  {
    seed: { type: 'string' },
    mix: { type: 'string' },
    writes: { type: 'string' },
    kills: { type: 'string' },
    seconds: { type: 'string' },
    nightly: { type: 'boolean' },
    'no-controls': { type: 'boolean' },
    bridge: { type: 'string' },
  },
  HELP,
);
const mix = choiceOf('--mix', flags.mix, MIXES, HELP) ?? 'within';
const seed = numberOf(flags.seed, Math.floor(Math.random() * 1e6), HELP);
console.log(`seed ${seed}; ${machine()}`);
provideRedis();
const showings: Showing[] = [];
const only = flags['no-controls'];

if (!only) showings.push(...trial());
const figures: object[] = [];
for (const plan of plans()) showings.push(...(await oneRun(plan)));
if (!only) for (const control of CONTROLS) showings.push(await oneControl(control));
conclude('history', showings, { seed, figures });

function trial(): Showing[] {
  console.log(`> the checker itself: ${MUTATIONS.length} seeded bugs, and 200,000 calls without any`);
  const { falseAlarms, cleanSeconds, isBusy, missed } = tryChecker(seed);
  console.log(
    `checker: ${MUTATIONS.length - missed.length} of ${MUTATIONS.length} bugs found, ${falseAlarms} false alarms, ${cleanSeconds.toFixed(1)} s of CPU`,
  );
  return [
    { what: `the checker raises no false alarm (${falseAlarms})`, isShown: falseAlarms === 0 },
    { what: `the checker judges 200,000 calls in ${CLEAN_LIMIT_SECONDS} s`, isShown: cleanSeconds < CLEAN_LIMIT_SECONDS || isBusy },
    ...MUTATIONS.map((mutation) => ({ what: `${mutation.rule} is reported when ${mutation.bug}`, isShown: !missed.includes(mutation) })),
  ];
}

function plans(): RunPlan[] {
  const isSized = flags.writes !== undefined || flags.kills !== undefined;
  const program = flags.bridge === undefined ? {} : { program: [flags.bridge] };
  const writes = numberOf(flags.writes, 0, HELP);
  if (flags.nightly) {
    return MIXES.map((each) => ({ seed, mix: each, writes, kills: 0, ...NIGHTLY, seconds: NIGHTLY_SECONDS, ...program }));
  }
  const form = isSized || flags.seconds !== undefined ? { ...SIZED, seconds: 0, kills: 0 } : SHORT;
  const kills = numberOf(flags.kills, form.kills, HELP);
  return [{ ...form, seed, mix, writes, kills, seconds: numberOf(flags.seconds, form.seconds, HELP), ...program }];
}

async function oneRun(plan: RunPlan): Promise<Showing[]> {
  console.log(`> ${plan.mix}: three replicas behind haproxy, twenty callers`);
  const result = await run(plan, console.log);
  const told = figuresOf(result);
  figures.push({ mix: plan.mix, ...told });
  tell(result, told);
  return [
    ...Object.entries(told.violations).map(([rule, count]) => ({
      what: `${plan.mix}: no ${rule} (${count})`,
      isShown: count === 0,
    })),
    {
      what: `${plan.mix}: replicas that were asked to leave ended with exit code 0 (${result.exits.join(' ')})`,
      isShown: result.exits.every((code) => code === 0),
    },
    { what: `${plan.mix}: the nemesis did all it meant to (${result.failures.join('; ')})`, isShown: result.failures.length === 0 },
    { what: `${plan.mix}: every error is one of the contract (${told.strange.join(', ')})`, isShown: told.strange.length === 0 },
    {
      what: `${plan.mix}: in the calm every call is answered with ok (${told.troubledInCalm} were not)`,
      isShown: told.troubledInCalm === 0,
    },
  ];
}

async function oneControl(control: (typeof CONTROLS)[number]): Promise<Showing> {
  const { without, rule } = control;
  const found = (await violationsWithout(control, seed)).filter((violation) => violation.rule === rule).length;
  console.log(`> without ${without}: ${found} × ${rule}`);
  return { what: `a bridge without ${without} is found out by ${rule}`, isShown: found > 0 };
}
