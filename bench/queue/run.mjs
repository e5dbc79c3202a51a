// `npm run bench:queue`: what a call costs on its way through the queue, beside BullMQ alone. Brings its own Redis along.
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import provideRedis from '../../test/support/redis-binary.ts';
import { aRedisServer } from '../../test/support/redis-server.ts';
import { heading } from '../report.mjs';
import { commitFigures, overruns } from './committed.mjs';
import { childTable, goals, pathTable } from './tables.mjs';
import { measureWays, measureWithChild } from './turns.mjs';

const HELP = `npm run bench:queue -- [options]

CPU µs a call of Redis, of the process with the caller and of the one that runs it, at 1, 16 and 64 calls in flight, for
  BullMQ, own reply          a job that does nothing, its result published to the caller
  BullMQ, waitUntilFinished  the same, as BullMQ's guide shows it
  full path                  accepted by one replica, scheduled by BullMQ, run by another
  fast lane                  accepted and run by one replica that has a free slot
  embedded                   the queue of one process
measured in turns; medians. A read has no lock, a write one on an entity of its own, which makes three lines. Then the
fast lane beside embedded with a child process that answers. The ratios count, absolute figures are the machine's.

  --seconds n     length of one turn (default 0.25)
  --rounds n      turns of each row (default 5)
  --quick         2 rounds of 0.1 s: a first impression
  --check         exit code 1 when a way costs over 1.25 times what bench/queue/committed.json says
  --commit        writes that file anew
  --help
`;

// Whoever started a Redis ends it when we do.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const options = readOptions();
provideRedis();
const server = await aRedisServer({ appendonly: 'no' });
const admin = new Redis(server.url);
console.log(`${heading()}\nredis    ${/redis_version:(\S+)/.exec(await admin.info('server'))[1]}, nothing written to disk\n`);
const ways = await measureWays(server.url, redisCpuUs, options, progress);
console.log(`${pathTable(ways)}\n`);
const withChild = await measureWithChild(server.url, redisCpuUs, options, progress);
console.log(`${childTable(withChild)}\n\n${goals(ways, withChild)}`);
admin.disconnect();
await server.close();
if (options.commit) commitFigures(ways);
if (options.check) tellOverruns(overruns(ways));

async function redisCpuUs() {
  const info = await admin.info('cpu');
  const seconds = (name) => Number(new RegExp(`${name}:([0-9.]+)`).exec(info)[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
}

function tellOverruns(lines) {
  console.log(lines.length === 0 ? 'CPU a call: within the committed figures' : lines.map((line) => `OVER  ${line}`).join('\n'));
  if (lines.length > 0) process.exitCode = 1;
}

function progress(what) {
  console.error(`> ${what}`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      commit: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds ?? (values.quick ? 0.1 : 0.25));
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
  const wrong = !(seconds > 0) || !(rounds >= 1);
  if (values.help || wrong) {
    console.log(HELP);
    process.exit(wrong ? 2 : 0);
  }
  return { seconds, rounds, check: values.check, commit: values.commit };
}
