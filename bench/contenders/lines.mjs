// Calls to a child without HTTP in front: how much of the whole is the session pool. `node lines.mjs <bare|pool> <child>`
import { CallAbort } from '../../dist/call/call-signal.js';
import { LineClient } from './line-client.mjs';
import { throughThePool } from './pool-calls.mjs';

const [kind, childFile] = process.argv.slice(2);
const call = kind === 'pool' ? await throughTheSessionPool() : await throughALineClient();

process.on('message', async ({ inFlight, measureMs }) => process.send(await measure(inFlight, measureMs)));
process.send('ready');

async function throughALineClient() {
  const client = new LineClient(process.execPath, [childFile]);
  await client.initialize();
  return (params) => client.request('tools/call', params);
}

/** With a signal for each call. */
async function throughTheSessionPool() {
  const call = await throughThePool(childFile);
  return (params) => call(params, new CallAbort());
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
