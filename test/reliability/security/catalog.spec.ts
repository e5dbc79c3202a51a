import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { eventually } from '../../support/eventually.js';

describe('T18: the tools of a server', () => {
  let bridge: RunningBridge;
  beforeAll(async () => {
    bridge = await aBridge({
      audit: { file: '/dev/null' },
      monitoring: { prometheus_enabled: true, prometheus_port: 0 },
      session_pool: { min_connections: 1, target_connections: 1, warm_spares: 0 },
      upstreams: { moody: upstream('misbehaving', ['changes-tools']) },
    });
  });
  afterAll(() => bridge.close());

  const list = async () => (await bridge.post('/mcp/tools/list', { jsonrpc: '2.0', id: 1, method: 'tools/list' })).body;
  const changes = async () =>
    Number(/^bridge_catalog_changes_total\{upstream="moody"\} (\d+)$/m.exec((await bridge.get('/metrics')).body)?.[1] ?? 0);

  it('that change while it runs are told as a change, and listed as they are now', async () => {
    const before = (await list()).result.tools;
    expect(await changes()).toBe(0);
    await bridge.call('echo', { text: 'x' });
    await eventually(changes, (count) => count === 1);
    const { result, bridge_info: info } = await eventually(
      list,
      ({ result: { tools } }) => JSON.stringify(tools) !== JSON.stringify(before),
    );
    expect(info.total_tools).toBe(result.tools.length);
  });
});
