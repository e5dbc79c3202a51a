import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { eventually } from '../../support/eventually.js';
import { type MemoryLimit, memoryLimit } from '../../support/faults/memory-limit.js';
import { type SmallDisk, smallDisk } from '../../support/faults/small-disk.js';

const ROOT = join(import.meta.dirname, '../../..');
const SERVERS = join(ROOT, 'test/servers');
const ONE_CHILD = { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0 };
const QUIET = { audit: { file: '/dev/null' }, monitoring: { prometheus_enabled: true, prometheus_port: 0 } };
const MIB = 1_048_576;
/** More than the lines that wait for a disk may take. */
const DISK_KILOBYTES = 24_576;
/** In characters, of which a log line shows nearly all. */
const LONG_ARGUMENT = 8000;

/** More than a child of Node needs, less than it eats in a second. */
const CHILDS_MEMORY_BYTES = 100 * MIB;
const EATER = [join(SERVERS, 'misbehaving.mjs'), 'eats-memory'];
const HEAP = { by: 'its heap', starve: () => ({ program: { command: process.execPath, args: ['--max-old-space-size=30', ...EATER] } }) };
const KERNEL = {
  by: 'the kernel',
  starve: () => {
    const limit = memoryLimit(CHILDS_MEMORY_BYTES)!;
    return { program: limit.within(process.execPath, ['--max-old-space-size=4000', ...EATER]), limit };
  },
};

describe.each([HEAP, ...onlyWith(memoryLimit(CHILDS_MEMORY_BYTES), [KERNEL], 'F5 in a memory cgroup')])(
  'F5: a child that runs out of memory, ended by $by',
  ({ starve }) => {
    let bridge: RunningBridge;
    let limit: MemoryLimit | undefined;
    beforeAll(async () => {
      const starved: { program: object; limit?: MemoryLimit } = starve();
      limit = starved.limit;
      const policy = { tools: { echo: { kind: 'write' } } };
      const upstreams = { starved: { ...starved.program, policy }, near: upstream('echo') };
      bridge = await aBridge({ ...QUIET, session_pool: ONE_CHILD, upstreams });
    });
    afterAll(async () => {
      await bridge.close();
      limit?.remove();
    });

    it('leaves its write unknown, is told for what it was, and is followed by another', async () => {
      const { status, body } = await bridge.call('echo', { text: 'x' });
      expect([status, body.error.code, body.error.data.outcome]).toEqual([502, -32005, 'unknown']);
      const exits = async () =>
        /^bridge_child_exits_total\{upstream="starved",reason="(\w+)"\}/m.exec((await bridge.get('/metrics')).body)?.[1];
      expect(await eventually(exits)).toBe('oom');
      expect(limit?.kills() ?? 1).toBe(1);
      const tools = () => bridge.post('/mcp/tools/list', {}, { 'X-Cache-Control': 'no-cache' });
      await eventually(tools, ({ status: again }) => again === 200, 10_000);
      expect((await bridge.post('/mcp/servers/near/tools/call', { name: 'echo', arguments: { text: 'x' } })).status).toBe(200);
    }, 60_000);
  },
);

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

  const call = (url: string, text = 'x') =>
    fetch(`${url}/mcp/tools/call`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ name: 'echo', arguments: { text } }),
    });

  it('serves on when nothing can be written to its log, and says so once', async () => {
    const log = { level: 'DEBUG', file: '/dev/full' };
    const { url, output } = await begin({ logging: log, upstreams: { echo: upstream('echo') } });
    for (let sent = 0; sent < 20; sent += 1) expect((await call(url)).status).toBe(200);
    await eventually(() => output().includes('Cannot write to /dev/full'));
    expect(output().match(/Cannot write to/g)).toHaveLength(1);
  }, 40_000);

  describe.each(onlyWith(smallDisk(DISK_KILOBYTES), ['a disk of its own'], 'F26 on a full disk'))('on %s', () => {
    let disk: SmallDisk;
    beforeEach(() => (disk = smallDisk(DISK_KILOBYTES)!));
    afterEach(() => disk.remove());

    const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1);
    const policy = { tools: { echo: { kind: 'write' } } };

    async function beginOn({ path }: SmallDisk): Promise<{ begun: Awaited<ReturnType<typeof begin>>; log: string; audit: string }> {
      const [log, audit] = ['bridge.log', 'audit.log'].map((name) => join(path, name)) as [string, string];
      const logging = { level: 'DEBUG', file: log, arguments: true };
      const begun = await begin({ logging, audit: { file: audit }, upstreams: { echo: upstream('echo', [], { policy }) } });
      return { begun, log, audit };
    }

    it('serves on when it is full, counts what it drops, and writes whole lines again when there is room', async () => {
      const { begun, log, audit } = await beginOn(disk);
      const dropped = async () =>
        Number(/^bridge_log_lines_dropped_total (\d+)$/m.exec(await (await fetch(`${begun.url}/metrics`)).text())?.[1] ?? 0);
      expect((await call(begun.url)).status).toBe(200);
      await eventually(() => linesOf(audit).length === 1);
      disk.fill();
      let sent = 1;
      const statuses = new Set<number>();
      const text = 'x'.repeat(LONG_ARGUMENT);
      await eventually(
        async () => {
          for (const { status } of await Promise.all(Array.from({ length: 50 }, () => call(begun.url, text)))) statuses.add(status);
          sent += 50;
          return dropped();
        },
        (count) => count > 0,
        60_000,
      );
      expect([...statuses]).toEqual([200]);
      expect((await fetch(`${begun.url}/health/live`)).status).toBe(200);
      expect(begun.output().match(/Cannot write to [^"]*(?:bridge|audit)\.log/g)).toHaveLength(2);

      disk.free();
      expect((await call(begun.url, 'there is room')).status).toBe(200);
      await eventually(() => linesOf(log).some((line) => line.includes('there is room')));
      // rows of the audit are short: all of them had room to wait
      await eventually(() => linesOf(audit).length === sent + 1);
      for (const file of [log, audit]) expect(() => linesOf(file).map((line) => JSON.parse(line) as unknown)).not.toThrow();
    }, 120_000);

    it('ends politely although nothing more can be written', async () => {
      const { begun } = await beginOn(disk);
      disk.fill();
      expect((await call(begun.url)).status).toBe(200);
      begun.child.kill('SIGTERM');
      expect(await once(begun.child, 'exit')).toEqual([0, null]);
      disk.free();
    }, 60_000);
  });

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

/** What needs rights that not everybody has: tried once, and told where it cannot be. */
function onlyWith<T>(tried: { remove(): void } | undefined, tests: readonly T[], what: string): readonly T[] {
  tried?.remove();
  if (tried) return tests;
  process.stderr.write(`NOT RUN: 1, ${what}: this process may not make one\n`);
  return [];
}
