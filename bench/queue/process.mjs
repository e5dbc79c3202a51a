// One process of a way: `node process.mjs <way> <role> <redis url> <name> [child]`. Each order of the parent is one measurement.
import { Logger } from '@nestjs/common';
import { throughThePool } from '../contenders/pool-calls.mjs';
import { WAYS } from './ways.mjs';

const [way, role, url, name, childFile] = process.argv.slice(2);
// nobody is left to ask
process.once('disconnect', () => process.exit());
if (!process.connected) process.exit();

Logger.overrideLogger(['error']);
const run = childFile ? await throughThePool(childFile) : answerAtOnce;
const call = await WAYS[way][role]({ url, name }, run);

process.on('message', async (order) => process.send(order === 'cpu' ? cpuUs() : await measure(order)));
process.send('ready');

/** As a child would answer. */
async function answerAtOnce(params) {
  return { content: [{ type: 'text', text: JSON.stringify(params.arguments) }] };
}

/** Ends with nothing under way. */
async function measure({ kind, inFlight, measureMs }) {
  const tookMs = [];
  const startedAt = performance.now();
  const callers = Array.from({ length: inFlight }, async (_, entity) => {
    for (let at = startedAt; at - startedAt < measureMs;) {
      const mark = `${entity}:${tookMs.length}`;
      const { content } = await call({ name: 'look', arguments: { entity, mark } }, kind);
      if (!content[0].text.includes(mark)) throw new Error('not the answer asked for');
      const now = performance.now();
      tookMs.push(now - at);
      at = now;
    }
  });
  await Promise.all(callers);
  const callsPerSecond = (tookMs.length * 1000) / (performance.now() - startedAt);
  const sorted = Float64Array.from(tookMs).sort();
  return { calls: sorted.length, callsPerSecond, p50Ms: sorted[sorted.length >> 1] };
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
