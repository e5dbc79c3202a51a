import { realGround } from '../../dist/session-pool/pool-ground.js';
import { SessionPool } from '../../dist/session-pool/session-pool.js';
import { UpstreamConfig } from '../../dist/session-pool/upstream.config.js';
import { MemorySharedState } from '../../dist/shared-state/memory-shared-state.js';

const READY_WITHIN_MS = 10_000;

/** As the bridge calls a child: one session that takes as many calls as there are. @returns a call with its own signal */
export async function throughThePool(childFile) {
  const sizes = { minConnections: 1, targetConnections: 1, maxConnections: 1, maxInFlight: 64, warmSpares: 0 };
  const upstream = Object.assign(new UpstreamConfig(), { name: 'bench', command: process.execPath, args: [childFile], ...sizes });
  const pool = new SessionPool(
    { upstreams: [upstream], bridge: { role: 'all' } },
    realGround(new MemorySharedState(), { debug() {}, log() {}, warn: console.error }),
  );
  pool.onApplicationBootstrap();
  await pool.describe('bench', AbortSignal.timeout(READY_WITHIN_MS));
  const need = { kind: 'read', fingerprint: 'bench' };
  const options = { kind: 'read', deadline: Number.POSITIVE_INFINITY };
  return async (params, signal) => {
    const reply = await pool.use('bench', need, signal, (session) => session.call('tools/call', params, options, signal));
    if (reply.kind !== 'result') throw new Error(`not an answer: ${JSON.stringify(reply)}`);
    return reply.result;
  };
}
