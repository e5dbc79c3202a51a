import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aProcess, runCommand } from '../../support/a-process.js';

const KEYS = { keys: [{ name: 'k', sha256: hash('sha256', 'a key that nobody guesses') }] };
const THREE_WAYS_OUT = /127\.0\.0\.1.*access\.keys.*access\.allow_unauthenticated/;

const settings = (access: object) => ['--config', JSON.stringify({ access })];
const serving = async (args: string[]) => {
  const bridge = await aProcess(args);
  return { status: (await fetch(`${bridge.url}/mcp/status`)).status, bridge };
};

describe('T1: the door', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'door-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['every address without a key', ['--host', '0.0.0.0'], THREE_WAYS_OUT],
    ['every IPv6 address without a key', ['--host', '::'], THREE_WAYS_OUT],
    ['no address without a key', ['--host', ''], THREE_WAYS_OUT],
    ['the key of an example', settings({ keys: [{ name: 'k', sha256: hash('sha256', 'secret') }] }), /placeholder/],
    ['a key named as callers without one', settings({ keys: [{ ...KEYS.keys[0], name: 'anonymous' }] }), /anonymous/],
    ['a key named as that of the key file', settings({ keys: [{ ...KEYS.keys[0], name: 'default' }], key_file: '/proc/x' }), /key_file/],
    ['a Redis elsewhere without a password', ['--config', '{"redis":{"url":"redis://redis.example.com"}}'], /redis\.url.*password/],
  ])('stays shut for %s, and the check says so beforehand', async (_case, args, text) => {
    const [served, checked] = await Promise.all([
      runCommand(['--port', '0', ...args], { BRIDGE__MONITORING__PROMETHEUS_ENABLED: 'false' }),
      runCommand(['config', 'check', ...args]),
    ]);
    expect(served).toMatchObject({ code: 78, stderr: expect.stringMatching(text) });
    expect(checked).toMatchObject({ code: 78, stderr: expect.stringMatching(text) });
  });

  it.each([
    ['on loopback without a key', [], 200],
    ['on every address by the one flag', ['--host', '0.0.0.0', ...settings({ allow_unauthenticated: true })], 200],
    ['on every address with a key, to those who have it', ['--host', '0.0.0.0', ...settings(KEYS)], 401],
  ])(
    'opens %s',
    async (_case, args, expected) => {
      const { status, bridge } = await serving(args);
      expect(await bridge.stop()).toBe(0);
      expect(status).toBe(expected);
    },
    20_000,
  );

  it('makes a key once, for its owner alone, and never prints it', async () => {
    const path = join(folder, 'api-key');
    const { status, bridge } = await serving(['--host', '0.0.0.0', ...settings({ key_file: path })]);
    const key = readFileSync(path, 'utf8').trim();
    const { status: withKey } = await fetch(`${bridge.url}/mcp/status`, { headers: { 'X-API-Key': key } });
    await bridge.stop('SIGINT').catch(() => undefined);
    expect([status, withKey, statSync(path).mode & 0o777]).toEqual([401, 200, 0o600]);
    expect(bridge.output()).toContain(path);
    expect(bridge.output()).not.toContain(key);
  }, 20_000);

  it('says in one line that a port is taken, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await runCommand(['--port', String(port)], { BRIDGE__MONITORING__PROMETHEUS_ENABLED: 'false' });
    other.close();
    expect(code).toBe(69);
    expect(stderr).toMatch(/^http-mcp-bridge: cannot listen on 127\.0\.0\.1 port \d+: another program has this port.*\n$/);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends in order on %s', async (signal) => {
    const bridge = await aProcess();
    expect(await bridge.stop(signal)).toBe(0);
  });

  it('starts and ends with a log and an audit file that cannot be written', async () => {
    const bridge = await aProcess(['--config', '{"logging":{"file":"/proc/nope/log"},"audit":{"file":"/proc/nope/audit"}}']);
    expect(await bridge.stop()).toBe(0);
    expect(bridge.output()).toContain('Cannot write to /proc/nope/log');
    expect(bridge.output()).not.toContain('    at ');
  });
});
