import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCommand } from '../../deployment/tools/system-packages.mjs';
import { upstream } from '../../support/a-bridge.js';
import { eventually } from '../../support/eventually.js';

const ROOT = join(import.meta.dirname, '../../..');
const SCHEMA = { type: 'object', properties: { a: { $ref: 'file:///etc/canary-of-references' }, b: { $ref: 'http://127.0.0.1:9/ref' } } };
const EVIL = {
  command: 'touch',
  args: ['/tmp/canary-of-commands'],
  env: { X: '1' },
  url: 'http://127.0.0.1:9/url',
  endpoint: 'http://127.0.0.1:9/endpoint',
  uri: 'file:///etc/canary-of-references',
};

describe('T13, CVE-2026-116686: by the word of the kernel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strace-'));
  let strace: string;
  beforeAll(() => {
    strace = systemCommand('strace')();
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('no request makes the bridge connect to anything, open what a schema names, or run another program', async () => {
    const trace = join(folder, 'trace');
    const config = {
      rate_limiting: { enabled: false },
      upstreams: { telltale: upstream('telltale', ['--schema', JSON.stringify(SCHEMA)]) },
    };
    const watched = ['-f', '-qq', '-s', '256', '-e', 'trace=connect,execve,openat', '-o', trace];
    const started = [process.execPath, join(ROOT, 'dist/main.js'), '--port', '0', '--config', JSON.stringify(config)];
    const child = spawn(strace, [...watched, ...started], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, BRIDGE__MONITORING__PROMETHEUS_ENABLED: 'false' },
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const url = await eventually(
      () => /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '',
      (found) => found !== '',
      60_000,
    );
    const post = (path: string, body: object) =>
      fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    await eventually(
      async () => (await post('/mcp/tools/list', {})).status,
      (status) => status === 200,
      30_000,
    );
    const programs = () => callsIn(trace).filter((line) => line.includes('execve('));
    const before = programs().length;
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} };
    for (const path of ['initialize', 'tools/list', 'tools/call', 'resources/list', 'resources/read', 'prompts/get', 'completion/complete'])
      await post(`/mcp/${path}`, { ...EVIL, ...hello, name: 'tell', arguments: EVIL });

    const ended = once(child, 'exit');
    // strace passes no signal on
    process.kill(Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')[0]), 'SIGTERM');
    await ended;
    const calls = callsIn(trace);
    expect(calls.filter((line) => /connect\(.*AF_INET/.test(line))).toEqual([]);
    expect(calls.filter((line) => line.includes('canary-of'))).toEqual([]);
    expect(programs()).toHaveLength(before);
  }, 120_000);
});

/** What was asked of the kernel; the arguments of our own start are no call of a request. */
function callsIn(trace: string): string[] {
  const lines = readFileSync(trace, 'utf8').split('\n');
  return lines.filter((line) => /\b(?:connect|execve|openat)\(/.test(line) && !(line.includes('execve(') && line.includes('--schema')));
}
