// `npm run bench`: the bridge beside the floor and bare Express, in one run. Everything it needs it brings along.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../tools/node-binary.mjs';
import { callTable, heading, linesTable, startTable } from './report.mjs';
import { measureCalls, measureLines, measureStarts } from './rounds.mjs';

const HELP = `npm run bench -- [options]

CPU µs per call of the server process alone and calls/s, at 1 and at 64 connections, of
  floor     bare node:http over a bare JSON-RPC line client
  Express   Express over the same line client
  bridge    this product
each in a process of its own over the same child, measured in turns; medians. Then the bridge's session pool alone beside the
line client alone. The ratios count, absolute figures are the machine's.

  --node 20|24    only on this version (default: both)
  --seconds n     length of one measurement (default 0.5)
  --rounds n      turns of each contender per row (default 9)
  --quick         3 rounds of 0.3 s: a first impression
  --help
`;

const options = readOptions();
const { status } = spawnSync(process.execPath, [join(import.meta.dirname, '../tools/setup.mjs'), 'build'], { stdio: ['ignore', 2, 2] });
if (status !== 0) process.exit(status);
console.log(`${heading()}\n`);
for (const version of options.versions) {
  const node = nodeBinary(version);
  console.log(`## Node ${spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout}`);
  console.log(
    `${callTable(await measureCalls(node, options))}\n\n${linesTable(await measureLines(node, options))}\n\n${startTable(await measureStarts(node))}\n`,
  );
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      node: { type: 'string', multiple: true, default: ['20', '24'] },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds ?? (values.quick ? 0.3 : 0.5));
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 9));
  const wrong = values.node.some((version) => !['20', '24'].includes(version)) || !(seconds > 0) || !(rounds >= 1);
  if (values.help || wrong) {
    console.log(HELP);
    process.exit(wrong ? 2 : 0);
  }
  return { versions: values.node, seconds, rounds };
}
