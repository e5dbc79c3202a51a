import { hash } from 'node:crypto';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { Ledger } from '../../support/ledger.js';

const READER = { 'X-API-Key': 'the key of somebody who only reads' };
const OWNER = { 'X-API-Key': 'the key of somebody who may do all' };

describe('T21: a key does what it is for', () => {
  const ledger = new Ledger();
  let bridge: RunningBridge;

  beforeAll(async () => {
    const reader = { name: 'reader', sha256: hash('sha256', READER['X-API-Key']), servers: ['ledger'], tools: ['read'] };
    const owner = { name: 'owner', sha256: hash('sha256', OWNER['X-API-Key']) };
    bridge = await aBridge({
      access: { keys: [reader, owner] },
      session_pool: { min_connections: 1, target_connections: 1, warm_spares: 0 },
      upstreams: {
        ledger: upstream('ledger', [ledger.path], { policy: { tools: { read: { kind: 'read' } } } }),
        hidden: upstream('echo', [], { policy: { upstream: { label: 'hidden_house' } } }),
      },
    });
  });
  afterAll(async () => {
    await bridge.close();
    ledger.remove();
  });

  it('a tool it lacks is refused before the queue, whatever form or priority the call has', async () => {
    const envelope = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'write', arguments: { entity: 'a', op: '1' } } };
    const replies = await Promise.all([
      bridge.call('write', { entity: 'a', op: '2' }, READER),
      bridge.post('/mcp/tools/call', envelope, { ...READER, 'X-Priority': 'CRITICAL' }),
      bridge.call('write', { entity: 'a', op: '3' }, { ...READER, 'X-Request-ID': 'again' }),
      bridge.call('WRITE', { entity: 'a', op: '4' }, READER),
      bridge.call(' write', { entity: 'a', op: '5' }, READER),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await bridge.call('read', { entity: 'a' }, READER)).status).toBe(200);
    expect(ledger.runs('write')).toEqual([]);
  });

  it('a server it lacks is neither called nor seen', async () => {
    expect((await bridge.post('/mcp/servers/hidden/tools/list', {}, READER)).status).toBe(403);
    expect((await bridge.get('/mcp/servers', READER)).body.servers.map(({ name }: { name: string }) => name)).toEqual(['ledger']);
    const [seen, all] = [(await bridge.get('/mcp/status', READER)).body, (await bridge.get('/mcp/status', OWNER)).body];
    expect([seen.sessions.total, all.sessions.total]).toEqual([1, 2]);
    expect(JSON.stringify(seen)).not.toContain('hidden');
  });
});
