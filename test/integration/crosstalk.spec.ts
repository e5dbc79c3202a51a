import { aBridge, upstream } from '../support/a-bridge.js';

const CALLS = 10_000;
const AT_ONCE = 64;

describe('Clients whose JSON-RPC ids are equal', () => {
  it(`never meet: ${CALLS} calls, ${AT_ONCE} at a time, all with id 1`, async () => {
    const policy = { tools: { echo: { kind: 'read' } } };
    const bridge = await aBridge({ upstreams: { echo: upstream('echo', [], { policy }) } });
    let sent = 0;
    let foreign = 0;
    const client = async () => {
      while (sent < CALLS) {
        const nonce = `nonce-${sent++}`;
        const { body } = await bridge.post('/mcp/tools/call', {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'echo', arguments: { text: nonce } },
        });
        if (body.id !== 1 || body.result?.content[0].text !== nonce) foreign += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    await bridge.close();
    expect({ sent, foreign }).toEqual({ sent: CALLS, foreign: 0 });
  }, 60_000);
});
