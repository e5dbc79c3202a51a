import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';

import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { eventually } from '../../support/eventually.js';

const ROOT = join(import.meta.dirname, '../../..');
const SERVERS = join(ROOT, 'test/servers');
const ONE_CHILD = { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0 };
const QUIET = { audit: { file: '/dev/null' }, monitoring: { prometheus_enabled: true, prometheus_port: 0 } };
const MIB = 1_048_576;

describe('F5: a child that runs out of memory', () => {
  let bridge: RunningBridge;
  beforeAll(async () => {
    const starved = { command: process.execPath, args: ['--max-old-space-size=30', join(SERVERS, 'misbehaving.mjs'), 'eats-memory'] };
    const policy = { tools: { echo: { kind: 'write' } } };
    bridge = await aBridge({ ...QUIET, session_pool: ONE_CHILD, upstreams: { starved: { ...starved, policy }, near: upstream('echo') } });
  });
  afterAll(() => bridge.close());

  it('leaves its write unknown, is told for what it was, and is followed by another', async () => {
    const { status, body } = await bridge.call('echo', { text: 'x' });
    expect([status, body.error.code, body.error.data.outcome]).toEqual([502, -32005, 'unknown']);
    const exits = async () =>
      /^bridge_child_exits_total\{upstream="starved",reason="(\w+)"\}/m.exec((await bridge.get('/metrics')).body)?.[1];
    expect(await eventually(exits)).toBe('oom');
    const tools = () => bridge.post('/mcp/tools/list', {}, { 'X-Cache-Control': 'no-cache' });
    await eventually(tools, ({ status: again }) => again === 200, 10_000);
    expect((await bridge.post('/mcp/servers/near/tools/call', { name: 'echo', arguments: { text: 'x' } })).status).toBe(200);
  }, 60_000);
});

describe('F24: a child that reads no more', () => {
  let bridge: RunningBridge;
  beforeAll(async () => {
    const policy = { tools: { echo: { kind: 'write', hold_seconds: 0 } } };
    const deaf = upstream('misbehaving', ['stops-reading'], { ...ONE_CHILD, max_in_flight: 256, policy });
    bridge = await aBridge({ ...QUIET, upstreams: { deaf, near: upstream('echo') } });
    await bridge.post('/mcp/tools/list', {});
  });
  afterAll(() => bridge.close());

  it('fills a bounded queue and no memory: what never left was not started, and the others go on', async () => {
    const text = 'x'.repeat(200_000);
    const before = process.memoryUsage().rss;
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, n) => bridge.call('echo', { text: `${n}${text}` }, { 'X-Timeout': '3' })),
    );
    const outcomes = replies.map(({ body }) => body.error?.data.outcome as string);
    expect(new Set(outcomes)).toEqual(new Set(['unknown', 'not_started']));
    // what a pipe and Node hold at a time, for each child that was ended for it
    expect(outcomes.filter((outcome) => outcome === 'unknown').length).toBeLessThan(40);
    expect((process.memoryUsage().rss - before) / MIB).toBeLessThan(250);
    expect((await bridge.post('/mcp/servers/near/tools/call', { name: 'echo', arguments: { text: 'x' } })).status).toBe(200);
  }, 60_000);
});

describe('F26: a bridge whose machine is full', () => {
  let running: ChildProcess | undefined;
  afterEach(() => running?.kill('SIGKILL'));

  /** As a process of its own, from which something can be taken away. */
  async function begin(config: object): Promise<{ url: string; output: () => string; child: ChildProcess }> {
    const settings = { ...QUIET, bridge: { port: 0 }, rate_limiting: { enabled: false }, session_pool: ONE_CHILD, ...config };
    const child = spawn(process.execPath, ['dist/main.js', '--config', JSON.stringify(settings)], { cwd: ROOT });
    running = child;
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const serving = /http:\/\/127\.0\.0\.1:\d+/;
    await eventually(
      () => printed,
      (output) => serving.test(output),
      20_000,
    );
    return { url: serving.exec(printed)![0], output: () => printed, child };
  }

  const call = (url: string) =>
    fetch(`${url}/mcp/tools/call`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ name: 'echo', arguments: { text: 'x' } }),
    });

  it('serves on when nothing can be written to its log, and says so once', async () => {
    const log = { level: 'DEBUG', file: '/dev/full' };
    const { url, output } = await begin({ logging: log, upstreams: { echo: upstream('echo') } });
    for (let sent = 0; sent < 20; sent += 1) expect((await call(url)).status).toBe(200);
    await eventually(() => output().includes('Cannot write to /dev/full'));
    expect(output().match(/Cannot write to/g)).toHaveLength(1);
  }, 40_000);

  it('lives through running out of descriptors, and serves again when there are some', async () => {
    const { url, child } = await begin({ upstreams: { echo: upstream('echo') } });
    expect((await call(url)).status).toBe(200);
    execFileSync('prlimit', ['--pid', String(child.pid), '--nofile=64']);
    const sockets = Array.from({ length: 100 }, () => connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined));
    await eventually(() => sockets.filter(({ readyState }) => readyState === 'open').length > 30);
    for (const socket of sockets) socket.destroy();
    const reply = await eventually(
      () => call(url).catch(() => undefined),
      (answer) => answer?.status === 200,
      15_000,
    );
    expect(reply?.status).toBe(200);
    expect(child.exitCode).toBeNull();
  }, 60_000);
});
