// `npm run bench:recovery`: how long a killed child is felt. Each round starts a read that takes a while, kills the child
// that runs it with SIGKILL, and measures until another child has begun the read again, and until the pool is whole.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { heading } from './report.mjs';

const ROOT = join(import.meta.dirname, '..');
const ROUNDS = 20;
const WORK_MS = 200;
/** A retry has to be earned: one for five calls, so that a storm is not doubled. */
const CALLS_BETWEEN = 6;

const { status } = spawnSync(process.execPath, [join(ROOT, 'tools/setup.mjs'), 'build'], { stdio: ['ignore', 2, 2] });
if (status !== 0) process.exit(status);
console.log(`${heading()}\n`);
for (const warmSpares of [1, 0]) await measure(warmSpares);

async function measure(warmSpares) {
  const folder = mkdtempSync(join(tmpdir(), 'recovery-'));
  const ledger = join(folder, 'ledger.jsonl');
  const bridge = await startBridge(ledger, warmSpares);
  const whole = await settledCount(bridge.url);
  const again = [];
  const healed = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const op = `read-${round}`;
    const answer = post(bridge.url, { name: 'read', arguments: { entity: 'lamp', op, work_ms: WORK_MS } });
    const first = await started(ledger, op, 0);
    process.kill(first.pid, 'SIGKILL');
    const killedAt = process.hrtime.bigint();
    const since = () => Number(process.hrtime.bigint() - killedAt) / 1e6;
    const [second, healedMs] = await Promise.all([
      started(ledger, op, 1),
      until(async () => (await ready(bridge.url)) < whole)
        .then(() => until(async () => (await ready(bridge.url)) >= whole))
        .then(since),
    ]);
    again.push(Number(BigInt(second.ns) - killedAt) / 1e6);
    healed.push(healedMs);
    const reply = await answer;
    if (reply.isError !== false) throw new Error(`the read was not answered: ${JSON.stringify(reply)}`);
    for (let call = 0; call < CALLS_BETWEEN; call += 1)
      await post(bridge.url, { name: 'read', arguments: { entity: 'lamp', op: `${op}-${call}` } });
  }
  bridge.child.kill('SIGTERM');
  await once(bridge.child, 'exit');
  rmSync(folder, { recursive: true });
  console.log(`${warmSpares} warm spare(s), ${ROUNDS} kills: read begun again after ${spread(again)}; pool whole after ${spread(healed)}`);
}

async function startBridge(ledger, warmSpares) {
  const upstream = {
    command: process.execPath,
    args: [join(ROOT, 'test/servers/ledger.mjs'), ledger],
    policy: { tools: { read: { kind: 'read' } } },
  };
  const config = {
    upstreams: { ledger: upstream },
    session_pool: { warm_spares: warmSpares },
    rate_limiting: { enabled: false },
    monitoring: { prometheus_enabled: false },
  };
  const child = spawn(process.execPath, [join(ROOT, 'dist/main.js'), '--port', '0', '--config', JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  await until(() => /http:\/\/127\.0\.0\.1:\d+/.test(printed));
  return { child, url: /http:\/\/127\.0\.0\.1:\d+/.exec(printed)[0] };
}

/** Sessions ready, once that number has stood still for a second. */
async function settledCount(url) {
  for (let count = await ready(url); ;) {
    await pause(1000);
    const now = await ready(url);
    if (now === count && now > 0) return now;
    count = now;
  }
}

async function ready(url) {
  const { sessions } = await (await fetch(`${url}/mcp/status`)).json();
  return sessions.active + sessions.available;
}

async function started(ledger, op, nth) {
  const starts = () =>
    readFileSync(ledger, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"ev":"start","op":"${op}"`));
  await until(() => starts().length > nth);
  return JSON.parse(starts()[nth]);
}

async function until(holds) {
  while (!(await holds())) await pause(1);
}

async function post(url, body) {
  const response = await fetch(`${url}/mcp/tools/call`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return `p50 ${sorted[Math.floor(sorted.length / 2)].toFixed(0)} ms, max ${sorted.at(-1).toFixed(0)} ms`;
}
