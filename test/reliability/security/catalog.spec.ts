import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { eventually } from '../../support/eventually.js';
import { muteStdout } from '../../support/muted-stdout.js';

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

describe('T18: what a server says to people and models', () => {
  const folder = mkdtempSync(join(tmpdir(), 'said-'));
  const file = join(folder, 'bridge.log');
  let bridge: RunningBridge;
  beforeAll(async () => {
    muteStdout();
    bridge = await aBridge({
      audit: { file: '/dev/null' },
      logging: { level: 'DEBUG', file },
      session_pool: { min_connections: 1, target_connections: 1, warm_spares: 0 },
      upstreams: { sly: upstream('misbehaving', ['hides-words']) },
    });
  });
  afterAll(async () => {
    await bridge.close();
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it('shows what it hides, cuts what is too long, and offers no tool whose name looks like that of another', async () => {
    const { tools } = (await bridge.post('/mcp/tools/list', { jsonrpc: '2.0', id: 1, method: 'tools/list' })).body.result;
    expect(tools.map(({ name }: any) => name)).toEqual(['echo', 'sly']);
    expect(tools[1].description).toMatch(/^Reads \[U\+202E\]dnetirw\[U\+202C\] only/);
    expect(tools[1].description.length).toBeLessThan(17_000);
    expect((await bridge.call('echo\u200b')).status).toBe(400);
  });

  it('gets neither a hidden character nor an endless line into an error or the log', async () => {
    const { body } = await bridge.call('echo', { text: 'x' });
    expect(body.error.data.upstream.message).toMatch(/^no \[U\+202E\]x+… \(\d+ characters more\)$/);
    const lines = await eventually(
      () => readFileSync(file, 'utf8').split('\n'),
      (seen) => seen.some((line) => line.includes('secretly')) && seen.some((line) => line.includes('left out')),
    );
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(20_000);
  });
});

describe('T18: what a caller calls things', () => {
  beforeAll(muteStdout);
  afterAll(() => jest.restoreAllMocks());

  it('is longer than a name only where it is refused, and hides nothing from who reads the log', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'called-'));
    const [log, audit] = [join(folder, 'bridge.log'), join(folder, 'audit.log')];
    const policy = { tools: { echo: { kind: 'write', targets: ['/text'] } } };
    const bridge = await aBridge({
      audit: { file: audit },
      logging: { level: 'DEBUG', file: log, arguments: true },
      upstreams: { echo: upstream('echo', [], { policy }) },
    });
    const text = `lamp\u202e\u200b${'x'.repeat(500_000)}`;
    expect((await bridge.call('echo', { text })).body.content[0].text).toBe(text);
    expect((await bridge.call(text)).status).toBe(400);
    expect((await bridge.call('echo', { text: 'x' }, { 'X-Client-ID': 'x'.repeat(129) })).status).toBe(400);
    await bridge.close();
    for (const file of [log, audit]) {
      const lines = readFileSync(file, 'utf8').split('\n');
      expect(lines.some((line) => line.includes('echo'))).toBe(true);
      expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(20_000);
    }
    rmSync(folder, { recursive: true });
  });
});
