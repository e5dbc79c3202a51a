import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DOCUMENTED_CALLS } from '../examples/documented-calls.js';
import { aProcess, type BridgeProcess } from '../support/a-process.js';
import { eventually } from '../support/eventually.js';
import { python } from '../support/python.js';

const at = (value: any, path: string): unknown => path.split('.').reduce((found, key) => found?.[key], value);

describe('The examples of the founding documents, against the demo house', () => {
  let bridge: BridgeProcess;
  let sessionId: string;

  beforeAll(async () => {
    bridge = await aProcess([], { BRIDGE__MONITORING__PROMETHEUS_ENABLED: 'true', BRIDGE__MONITORING__PROMETHEUS_PORT: '0' });
    const initialize = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const response = await fetch(`${bridge.url}/mcp/initialize`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(initialize),
    });
    sessionId = ((await response.json()) as any).result.session_id;
  }, 30_000);
  afterAll(() => bridge.stop());

  it.each(DOCUMENTED_CALLS.map((call) => [call.title, call] as const))('%s', async (_title, { path, headers, body, shows }) => {
    const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('{session_id}', sessionId)]));
    const response = await fetch(bridge.url + path, { method: 'POST', headers: filled, body });
    const answer = await response.json();

    expect(response.status).toBe(200);
    expect(shows.filter((shown) => at(answer, shown) === undefined)).toEqual([]);
  });

  it('has five lights and twenty-three entities, and says that it is a demo', async () => {
    const call = async (domain: string) => {
      const body = JSON.stringify({ name: 'get_entities', arguments: { domain } });
      const response = await fetch(`${bridge.url}/mcp/tools/call`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      return (await response.json()) as any;
    };
    expect((await call('light')).content[0].text).toMatch(/^Trouvé 5 entités:\n\n\{\n {2}"total": 5,/);
    expect((await call('all')).structuredContent.total).toBe(23);
  });

  it.each([
    [
      '/mcp/status',
      [
        'bridge.status',
        'bridge.version',
        'bridge.uptime_seconds',
        'bridge.started_at',
        'sessions.active',
        'sessions.total',
        'sessions.available',
        'sessions.by_status.healthy',
        'sessions.by_status.reconnecting',
        'sessions.by_status.idle',
        'queue.pending',
        'queue.processing',
        'queue.completed_today',
        'queue.by_priority.HIGH',
        'queue.by_priority.MEDIUM',
        'queue.by_priority.LOW',
        'queue.by_priority.BULK',
        'queue.avg_wait_time_ms',
        'cache.hit_rate',
        'cache.size',
        'cache.max_size',
        'cache.evictions',
        'cache.evictions_today',
        'performance.avg_response_time_ms',
        'performance.requests_per_second',
        'performance.error_rate',
        'performance.p95_response_time_ms',
        'home_assistant.url',
        'home_assistant.status',
        'home_assistant.last_ping_ms',
        'home_assistant.entities_count',
      ],
    ],
    [
      '/health',
      [
        'status',
        'timestamp',
        'dependencies.home_assistant.status',
        'dependencies.home_assistant.response_time_ms',
        'dependencies.mcp_sessions.status',
        'dependencies.mcp_sessions.healthy_count',
        'dependencies.mcp_sessions.total_count',
      ],
    ],
  ])('%s shows every field of its example', async (path, shows) => {
    const missing = async () => {
      const answer = await (await fetch(bridge.url + path)).json();
      return shows.filter((shown) => at(answer, shown) === undefined);
    };
    // the house is asked how it is when the first child has come up
    await eventually(missing, ({ length }) => length === 0);
  });

  it('/metrics has every metric of its example', async () => {
    const metrics = await (await fetch(`${bridge.url}/metrics`)).text();
    for (const name of [
      'bridge_requests_total{method="POST",endpoint="/mcp/tools/call"}',
      'bridge_request_duration_seconds_bucket{le="0.1"',
      'bridge_queue_size ',
      'bridge_active_sessions ',
      'bridge_cache_hits_total{level="l1"}',
    ]) {
      expect(metrics).toContain(name);
    }
  });

  it('an unknown session is refused in the shape of the documented error', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_entities', arguments: {} } });
    const headers = { 'Content-Type': 'application/json', 'X-Session-ID': 'expired-session-id', 'X-Request-ID': 'req-12345' };
    const response = await fetch(`${bridge.url}/mcp/tools/call`, { method: 'POST', headers, body });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32001,
        message: 'Session expired',
        data: { session_id: 'expired-session-id', suggestion: 'Call /mcp/initialize to create a new session' },
      },
      bridge_info: { timestamp: expect.any(String), request_id: 'req-12345' },
    });
  });

  it('LM Studio: the curl of its entry, placeholders filled in', () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'get_entities', arguments: { domain: 'light' } },
    });
    const args = [
      '-s',
      '-X',
      'POST',
      `${bridge.url}/mcp/tools/call`,
      '-H',
      'Content-Type: application/json',
      '-H',
      `X-Session-ID: ${sessionId}`,
      '-d',
      body,
    ];
    const { stdout } = spawnSync('curl', args, { encoding: 'utf8' });
    expect(JSON.parse(stdout).result.content[0].text).toContain('Trouvé 5 entités');
  });

  it('the Python client runs unchanged and switches the lamp', () => {
    const { stdout, stderr, status } = spawnSync(python(), ['-c', RUNNER, bridge.url], {
      encoding: 'utf8',
      cwd: join(import.meta.dirname, '../examples'),
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Lumière allumée:');
    expect(stdout).toContain('light.turn_on');
  }, 120_000);
});

/** Only the address of the document's machine is replaced by the test's. */
const RUNNER = `
import asyncio, sys
source = open("python_client.py", encoding="utf8").read().replace("http://192.168.1.22:3003", sys.argv[1])
scope = {}
exec(compile(source, "python_client.py", "exec"), scope)
asyncio.run(scope["main"]())
`;
