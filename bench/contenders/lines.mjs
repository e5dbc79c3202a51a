// Calls to a child without HTTP in front: how much of the whole is the session pool. `node lines.mjs <bare|pool> <child>`
import { realGround } from '../../dist/session-pool/pool-ground.js';
import { SessionPool } from '../../dist/session-pool/session-pool.js';
import { UpstreamConfig } from '../../dist/session-pool/upstream.config.js';
import { CallAbort } from '../../dist/call/call-signal.js';
import { MemorySharedState } from '../../dist/shared-state/memory-shared-state.js';
import { LineClient } from './line-client.mjs';

const READY_WITHIN_MS = 10_000;
const [kind, childFile] = process.argv.slice(2);
const call = kind === 'pool' ? await throughThePool() : await throughALineClient();

process.on('message', async ({ inFlight, measureMs }) => process.send(await measure(inFlight, measureMs)));
process.send('ready');

async function throughALineClient() {
  const client = new LineClient(process.execPath, [childFile]);
  await client.initialize();
  return (params) => client.request('tools/call', params);
}

/** As the bridge calls it: one session that takes as many calls as there are, and a signal for each call. */
async function throughThePool() {
  const sizes = { minConnections: 1, targetConnections: 1, maxConnections: 1, maxInFlight: 64, warmSpares: 0 };
  const upstream = Object.assign(new UpstreamConfig(), { name: 'bench', command: process.execPath, args: [childFile], ...sizes });
  const pool = new SessionPool(
    { upstreams: [upstream] },
    realGround(new MemorySharedState(), { debug() {}, log() {}, warn: console.error }),
  );
  pool.onApplicationBootstrap();
  await pool.describe('bench', AbortSignal.timeout(READY_WITHIN_MS));
  const need = { kind: 'read', fingerprint: 'bench' };
  const options = { kind: 'read', deadline: Number.POSITIVE_INFINITY };
  return async (params) => {
    const signal = new CallAbort();
    const reply = await pool.use('bench', need, signal, (session) => session.call('tools/call', params, options, signal));
    if (reply.kind !== 'result') throw new Error(`not an answer: ${JSON.stringify(reply)}`);
    return reply.result;
  };
}

async function measure(inFlight, measureMs) {
  let answered = 0;
  let isOver = false;
  const before = process.cpuUsage();
  const callers = Array.from({ length: inFlight }, async (_, number) => {
    for (; !isOver; answered += 1) {
      const { content } = await call({ name: 'look', arguments: { number } });
      if (content[0].text !== JSON.stringify({ number })) throw new Error('not the answer asked for');
    }
  });
  await Promise.race([new Promise((resolve) => setTimeout(resolve, measureMs)), ...callers]);
  const { user, system } = process.cpuUsage(before);
  const measured = { cpuUsPerCall: (user + system) / answered };
  isOver = true;
  await Promise.all(callers);
  return measured;
}
