import { Agent, request } from 'node:http';
import { upstream } from '../support/a-bridge.js';
import { aProcess } from '../support/a-process.js';

const CALLS = 10_000;
const AT_ONCE = 64;

describe('CVE-2026-25536: clients whose JSON-RPC ids are equal', () => {
  it(`never meet: ${CALLS} calls, ${AT_ONCE} at a time, all with id 1`, async () => {
    const upstreams = { echo: upstream('echo', [], { policy: { tools: { echo: { kind: 'read' } } } }) };
    const bridge = await aProcess(['--config', JSON.stringify({ upstreams, rate_limiting: { enabled: false } })]);
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    let sent = 0;
    let foreign = 0;
    const client = async () => {
      while (sent < CALLS) {
        const text = `nonce-${sent++}`;
        const { id, result } = await post(agent, `${bridge.url}/mcp/tools/call`, {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'echo', arguments: { text } },
        });
        if (id !== 1 || result?.content[0].text !== text) foreign += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    agent.destroy();
    await bridge.stop();
    expect({ sent, foreign }).toEqual({ sent: CALLS, foreign: 0 });
  }, 180_000);
});

/** Sparing with CPU, of which there is one for this client and the bridge. */
function post(agent: Agent, url: string, body: object): Promise<any> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, method: 'POST', headers: { 'Content-Type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(JSON.parse(text)));
    });
    outgoing.on('error', reject).end(JSON.stringify(body));
  });
}
