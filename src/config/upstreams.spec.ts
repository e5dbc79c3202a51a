import 'reflect-metadata';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_PROGRAM } from './built-in-upstream.js';
import { type ConfigSources, loadConfig } from './load-config.js';

const directory = mkdtempSync(join(tmpdir(), 'bridge-upstreams-'));
afterAll(() => rmSync(directory, { recursive: true }));

function load(text: string, more: ConfigSources = {}) {
  mkdirSync(join(directory, 'etc'), { recursive: true });
  const file = join(directory, 'etc', 'servers.json');
  writeFileSync(file, text);
  return loadConfig({ files: [file], env: {}, ...more });
}

describe('upstreams', () => {
  it('are the built-in one when none is named, with its variables and no others', () => {
    const env = {
      HASS_URL: 'http://ha:8123',
      HASS_TOKEN: 't',
      HASS_TIMEOUT_MS: '',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      PATH: '/bin',
      REDIS_URL: 'redis://localhost',
    };
    expect(load('upstreams: {}', { env }).config.upstreams).toMatchObject([
      {
        name: 'home-assistant',
        command: process.execPath,
        args: [BUILT_IN_PROGRAM],
        policy: expect.stringMatching(/config\/policies\/home-assistant\.yaml$/),
      },
    ]);
    expect(load('{}', { env }).config.upstreams[0]?.env).toEqual({
      HASS_URL: 'http://ha:8123',
      HASS_TOKEN: 't',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
    });
  });

  it('inherit the sizes and times of session_pool, each key on its own', () => {
    const { config } = load('session_pool: {max_connections: 20, max_in_flight: 1}\nupstreams: {a: {command: x, max_in_flight: 9}}');
    expect(config.upstreams).toMatchObject([{ maxConnections: 20, maxInFlight: 9, targetConnections: 5 }]);
    expect(load('session_pool: {max_in_flight: 1}').config.upstreams).toMatchObject([{ name: 'home-assistant', maxInFlight: 1 }]);
  });

  it('find their files beside the file that names them', () => {
    const { config } = load('upstreams: {a: {command: node, args: [a.mjs], policy: p/a.yaml}, b: {command: node, cwd: ../b}}');
    expect(config.upstreams).toMatchObject([
      { cwd: join(directory, 'etc'), policy: join(directory, 'etc/p/a.yaml'), args: ['a.mjs'] },
      { cwd: join(directory, 'b') },
    ]);
  });

  it('are read from the object that MCP clients share, whatever else its file holds', () => {
    const text = JSON.stringify({
      mcpServers: {
        files: { type: 'stdio', command: 'npx', args: ['-y', 'a-server'], env: { A: 'b' }, autoApprove: [] },
        off: { command: 'x', disabled: true },
      },
      globalShortcut: 'Ctrl+Space',
    });
    const { config, warnings } = load(text);
    expect(config.upstreams).toMatchObject([{ name: 'files', command: 'npx', args: ['-y', 'a-server'], env: { A: 'b' } }]);
    expect(warnings).toEqual([
      expect.stringContaining('passed over globalShortcut'),
      'mcpServers.files: passed over autoApprove',
      'mcpServers.off is disabled and left out',
      'mcpServers.files: npx fetches a-server in whatever version is newest; pin it',
    ]);
    expect(loadConfig({ files: [text], env: {} }).config.upstreams).toHaveLength(1);
  });

  it('refuse a server behind a url', () => {
    expect(() => load('{"mcpServers": {"far": {"url": "https://x"}}}')).toThrow('mcpServers.far: expected a server with a command');
  });

  it('are one called default, and the first, for a command on the command line', () => {
    const upstream = ['node', 'server.mjs', '--flag', '${NOT_A_REFERENCE}'];
    const { config } = load('upstreams: {other: {command: x}}', { upstream });
    expect(config.upstreams).toMatchObject([
      { name: 'default', command: 'node', args: upstream.slice(1), cwd: process.cwd() },
      { name: 'other' },
    ]);
  });

  it.each([
    ['{a b: {command: x}}', 'upstreams.a b: expected a name'],
    ['{a: {args: []}}', 'upstreams.a.command: expected text that is not empty, found nothing'],
    ['{a: {command: x, args: "b"}}', 'upstreams.a.args: expected a list of texts, found text'],
    ['{a: {command: x, env: {PORT: 80}}}', 'upstreams.a.env.PORT: expected text; put numbers and words like true in quotes'],
    ['{a: {command: x, policy: 5}}', 'upstreams.a.policy: expected the path'],
    ['{a: {comand: x}}', 'upstreams.a.comand: unknown key, did you mean upstreams.a.command?'],
    ['{a: {command: x, max_connections: 3}}', 'upstreams.a.target_connections: expected at most upstreams.a.max_connections (3), found 5'],
    ['[a]', 'upstreams: expected a mapping of names'],
    ['{a: 5}', 'upstreams.a: expected a mapping of keys, found 5'],
  ])('refuse %s with the line', (upstreams, message) => {
    expect(() => load(`upstreams: ${upstreams}`)).toThrow(`servers.json:1 ${message}`);
  });

  it('take a year for an era', () => {
    expect(load('upstreams: {a: {command: x, era: 2025}}').config.upstreams[0]?.era).toBe('2025');
  });
});
