// `node bench/profile.mjs --help`: where the server's CPU goes on one kind of call.
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeBinary } from '../tools/node-binary.mjs';
import { CALLS } from './calls.mjs';
import { Contender, CONTENDERS } from './contender.mjs';

const HELP = `node bench/profile.mjs [options]     (after npm run build)

Samples one server under load and says which folder, package and function its CPU goes to. Time inside Node itself
counts for whoever called it; what nobody of ours called is listed under its own node: module.

  --node 20|24        (default 24)
  --call name         ${CALLS.map(({ name }) => `"${name}"`).join(', ')} (default the first)
  --server name       ${Object.keys(CONTENDERS).join(', ')} (default bridge)
  --connections n     (default 64)
  --seconds n         (default 8)
  --top n             functions to list (default 40)
`;

/** The profiler's clock also runs while another process has the core: a longer gap is not our time. */
const INTERVAL_US = 250;

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '24' },
    call: { type: 'string', default: CALLS[0].name },
    server: { type: 'string', default: 'bridge' },
    connections: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '8' },
    top: { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});
const call = CALLS.find(({ name }) => name === options.call);
if (options.help || !call || !CONTENDERS[options.server]) {
  console.log(HELP);
  process.exit(options.help ? 0 : 2);
}

const directory = mkdtempSync(join(tmpdir(), 'bridge-profile-'));
const { from, until, cpuUsPerCall } = await underLoad();
const samples = samplesOf(JSON.parse(readFileSync(join(directory, readdirSync(directory)[0]), 'utf8')));
rmSync(directory, { recursive: true });
console.log(
  `${options.server}, ${call.name}, ${options.connections} connections, Node ${options.node}: ${cpuUsPerCall.toFixed(0)} µs a call\n`,
);
print('folder or package', ({ owner }) => owner.place);
print('function', ({ owner }) => `${owner.name}  ${owner.file}`);
print('function of Node or V8', ({ leaf, owner }) => (leaf === owner ? undefined : `${leaf.name}  ${leaf.file}  < ${owner.place}`));

async function underLoad() {
  const server = await Contender.start(options.server, nodeBinary(options.node), [
    '--cpu-prof',
    `--cpu-prof-interval=${INTERVAL_US}`,
    `--cpu-prof-dir=${directory}`,
  ]);
  const load = fork(join(import.meta.dirname, 'load.mjs'));
  try {
    const order = { call, connections: Number(options.connections) };
    await server.underLoad(load, { ...order, connections: 64, warmUpCalls: 20_000, measureMs: 100 });
    const from = nowUs();
    const { cpuUsPerCall } = await server.underLoad(load, { ...order, warmUpCalls: 0, measureMs: Number(options.seconds) * 1000 });
    return { from, until: nowUs(), cpuUsPerCall };
  } finally {
    load.kill();
    await server.stop();
  }
}

/** The clock of the profiler in every process of this machine. */
function nowUs() {
  return Number(process.hrtime.bigint() / 1000n);
}

/** One entry for each busy sample under load: the frame on top and the one of ours, or of a package, that it works for. */
function samplesOf({ nodes, samples, timeDeltas, startTime }) {
  const frames = new Map(nodes.map((node) => [node.id, { ...frameOf(node.callFrame), id: node.id }]));
  for (const { id, children = [] } of nodes) for (const child of children) frames.get(child).parent = frames.get(id);
  let at = startTime;
  return samples.flatMap((id, index) => {
    at += timeDeltas[index];
    const leaf = frames.get(id);
    if (at < from || at > until || leaf.name === '(idle)') return [];
    return [{ leaf, owner: ownerOf(leaf) ?? leaf, us: Math.min(timeDeltas[index], INTERVAL_US) }];
  });
}

function frameOf({ functionName, url, lineNumber }) {
  const [, place] = /\/(?:dist\/|.*node_modules\/)((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? /\/(bench)\//.exec(url) ?? [];
  const ours = place !== undefined;
  const file = url ? `${url.replace(/^.*\/(dist|node_modules)\//, '')}:${lineNumber + 1}` : '';
  return { ours, place: place ?? (url || functionName), name: functionName || '(anonymous)', file };
}

function ownerOf(frame) {
  return frame.ours || !frame.parent ? (frame.ours ? frame : undefined) : ownerOf(frame.parent);
}

function print(title, key) {
  const sums = new Map();
  const total = samples.reduce((sum, { us }) => sum + us, 0);
  for (const sample of samples) if (key(sample)) sums.set(key(sample), (sums.get(key(sample)) ?? 0) + sample.us);
  const rows = [...sums].sort(([, a], [, b]) => b - a).slice(0, Number(options.top));
  console.log(`share  µs/call  ${title}`);
  for (const [name, us] of rows) {
    const share = us / total;
    console.log(`${(share * 100).toFixed(1).padStart(4)} %  ${(share * cpuUsPerCall).toFixed(1).padStart(7)}  ${name}`);
  }
  console.log();
}
