import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { checkConfig, help, misused, newKey, printConfig, version } from './commands.js';

describe('commands', () => {
  it('makes a key of 256 bits, another each time, with its own hash', () => {
    const { stdout = '' } = newKey();
    const key = /^key: +([\w-]{43})$/m.exec(stdout)?.[1] ?? '';
    const hashes = [...stdout.matchAll(/[0-9a-f]{64}/g)].map(([hash]) => hash);
    expect(new Set(hashes)).toEqual(new Set([createHash('sha256').update(key).digest('hex')]));
    expect(newKey().stdout).not.toContain(key);
  });

  it('says the version of the package', () => {
    expect(version().stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('ends with 64 for a wrong flag and names the help', () => {
    expect(misused('unknown flag: -x')).toEqual({
      exitCode: 64,
      stderr: 'http-mcp-bridge: unknown flag: -x\nSee http-mcp-bridge --help\n',
    });
    expect(help()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('config check') });
  });

  it('ends with 78 for a wrong configuration, one problem a line', () => {
    const sources = { files: ['{"queue": {"max_sise": 1, "max_retries": -1}}'], env: {} };
    const result = checkConfig(sources);
    expect(result).toEqual({
      exitCode: 78,
      stderr: expect.stringMatching(/^--config:1 queue.max_sise: .*\n--config:1 queue.max_retries: .*\n$/),
    });
    expect(printConfig(sources)).toEqual(result);
  });

  it('tells wrong rules and a door that may not stand open together with wrong keys, each with its place', () => {
    const text = `{"queue": {"max_sise": 1},
      "bridge": {"host": "0.0.0.0"},
      "upstreams": {"a": {"command": "x", "policy": "nowhere.yaml"}, "b": {"command": "x", "policy": {"tools": {"t": {"kind": "wriet"}}}}},
      "policy": {"b":
        {"tools": {"t": {"priority": "TOP"}}}}}`;
    const { exitCode, stderr = '' } = checkConfig({ files: [text], env: {} });
    expect([exitCode, stderr.trimEnd().split('\n')]).toEqual([
      78,
      [
        expect.stringMatching(/^--config:1 queue.max_sise: unknown key/),
        expect.stringMatching(/^--config:2 bridge.host: .*no API key/),
        expect.stringMatching(/^--config:3 upstreams.a.policy: .*nowhere.yaml cannot be read \(ENOENT\)$/),
        expect.stringMatching(/^--config:3 upstreams.b.policy.tools.t.kind: expected one of/),
        expect.stringMatching(/^--config:5 policy.b.tools.t.priority: expected one of/),
      ],
    ]);
  });

  it('says that a configuration is right, and what it will regret', () => {
    const result = checkConfig({ env: {}, upstream: ['npx', '-y', 'a-server@latest'] });
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('default'), stderr: expect.stringContaining('pin it') });
  });
});
