import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { upstream } from '../support/a-bridge.js';
import { aProcess } from '../support/a-process.js';
import { eventually } from '../support/eventually.js';
import { processesMarked } from '../support/processes.js';

const config = (env: object = {}, more: object = {}) => [
  '--config',
  JSON.stringify({ upstreams: { echo: upstream('echo', [], { env, policy: { tools: { slow: { kind: 'write' } } } }) }, ...more }),
];

const call = (url: string, ms: number, headers: Record<string, string> = {}) =>
  fetch(`${url}/mcp/tools/call`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ name: 'slow', arguments: { ms } }),
  });

describe('SIGTERM', () => {
  it('lets running calls finish, ends the children and exits 0', async () => {
    const mark = randomUUID();
    const bridge = await aProcess(config({ SHUTDOWN_TEST: mark }));
    const running = call(bridge.url, 700);
    await eventually(
      async () => ((await (await fetch(`${bridge.url}/mcp/status`)).json()) as any).queue.processing,
      (count) => count === 1,
    );

    const ended = bridge.stop();
    expect((await running).status).toBe(200);
    expect(await ended).toBe(0);
    expect(processesMarked(mark)).toEqual([]);
  }, 30_000);

  it('ends also when something that is not ours would keep the process', async () => {
    const keeper = ['--import', 'data:text/javascript,setInterval(()=>0,1e6)'];
    const bridge = await aProcess([], {}, [...keeper, resolve('dist/main.js')]);
    expect(await bridge.stop()).toBe(0);
  }, 30_000);

  it('takes readiness away at once and goes on serving for the delay', async () => {
    const bridge = await aProcess(config({}, { shutdown: { delay_seconds: 30 } }));
    const ended = bridge.stop();
    await eventually(
      async () => (await fetch(`${bridge.url}/health/ready`)).status,
      (status) => status === 503,
    );
    expect((await fetch(`${bridge.url}/health/live`)).status).toBe(200);
    const served = await call(bridge.url, 0);
    expect(served.status).toBe(200);
    expect(served.headers.get('connection')).toBe('close');

    bridge.child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 30_000);

  it('kills what a child still owes when the time is over, also of a write that was answered', async () => {
    const upstreams = { echo: upstream('echo', [], { policy: { tools: { slow: { kind: 'write', hold_seconds: 60 } } } }) };
    const bridge = await aProcess(['--config', JSON.stringify({ upstreams, shutdown: { timeout_seconds: 0.2 } })]);
    const owed = await call(bridge.url, 60_000, { 'X-Timeout': '1' });
    expect(((await owed.json()) as any).error.data.outcome).toBe('unknown');
    expect(await bridge.stop()).toBe(0);
    expect(bridge.output()).not.toContain('did not end in time');
  }, 30_000);

  it('answers what still waits when the time is over: a call that never started says so', async () => {
    const one = { min_connections: 1, target_connections: 1, max_connections: 1, max_in_flight: 1, warm_spares: 0 };
    const upstreams = { echo: upstream('echo', [], { ...one, policy: { tools: { slow: { kind: 'write' } } } }) };
    const bridge = await aProcess(['--config', JSON.stringify({ upstreams, shutdown: { timeout_seconds: 0.2 } })]);
    const running = call(bridge.url, 20_000);
    const waiting = call(bridge.url, 20_000);
    await eventually(
      async () => ((await (await fetch(`${bridge.url}/mcp/status`)).json()) as any).queue,
      ({ processing, pending }) => processing === 1 && pending === 1,
    );

    const ended = bridge.stop();
    expect(((await (await running).json()) as any).error.data.outcome).toBe('unknown');
    expect(((await (await waiting).json()) as any).error).toMatchObject({ code: -32000, data: { outcome: 'not_started' } });
    expect(await ended).toBe(0);
  }, 30_000);
});
