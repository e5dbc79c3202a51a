import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './load-config.js';
import type { Variables } from './environment.js';

const directory = mkdtempSync(join(tmpdir(), 'bridge-environment-'));
afterAll(() => rmSync(directory, { recursive: true }));

function aSecret(text: string): string {
  const path = join(directory, 'secret');
  writeFileSync(path, text);
  return path;
}

function load(env: Variables, text = '{}') {
  return loadConfig({ files: [text], env });
}

describe('Environment', () => {
  it('reads values as YAML', () => {
    const { config } = load({
      BRIDGE__ACCESS__ALLOWED_HOSTS: '[a.example, b.example]',
      BRIDGE__BRIDGE__DEBUG: 'true',
      BRIDGE__QUEUE: '{max_size: 7}',
    });
    expect(config.access.allowedHosts).toEqual(['a.example', 'b.example']);
    expect(config.bridge.debug).toBe(true);
    expect(config.queue.maxSize).toBe(7);
  });

  it('names the variable’s key when it is unknown', () => {
    expect(() => load({ BRIDGE__NOPE__X: '5' })).toThrow('environment nope: unknown key');
    expect(() => load({ BRIDGE__QUEUE__MAX_SISE: '5' })).toThrow('environment queue.max_sise: unknown key, did you mean queue.max_size?');
  });

  it('leaves variables without a double underscore alone', () => {
    expect(load({ BRIDGE_PORT: 'tcp://10.0.0.1:3003', BRIDGE_SERVICE_HOST: 'x' }).config.bridge.port).toBe(3003);
  });

  it('reads a mounted secret, but takes access.key_file for the key of that name', () => {
    const file = aSecret('redis://:hunter2@localhost:6379\n');
    const { config, secrets } = load({ BRIDGE__REDIS__URL_FILE: file, BRIDGE__ACCESS__KEY_FILE: '/data/api-key' });
    expect(config.redis.url).toBe('redis://:hunter2@localhost:6379');
    expect(config.access.keyFile).toBe('/data/api-key');
    expect(secrets).toContain('hunter2');
  });

  it('takes REDIS_URL and REDIS_URL_FILE, and refuses both at once', () => {
    expect(load({ REDIS_URL: 'redis://localhost' }).config.redis.url).toBe('redis://localhost');
    expect(load({ REDIS_URL_FILE: aSecret('redis://localhost:1') }).config.redis.url).toBe('redis://localhost:1');
    expect(() => load({ REDIS_URL: 'redis://a', REDIS_URL_FILE: aSecret('b') })).toThrow('set REDIS_URL or REDIS_URL_FILE, not both');
    expect(() => load({ REDIS_URL_FILE: join(directory, 'absent') })).toThrow(
      'environment REDIS_URL_FILE: its file cannot be read (ENOENT)',
    );
  });

  it('takes an empty REDIS_URL for none', () => {
    expect(load({ REDIS_URL: '' }).config.redis.url).toBeUndefined();
  });

  it('keeps the case of a child’s variables', () => {
    const { config } = load({ BRIDGE__UPSTREAMS__LEDGER__COMMAND: 'node', BRIDGE__UPSTREAMS__LEDGER__ENV__Some_Key: 'x' });
    expect(config.upstreams).toMatchObject([{ name: 'ledger', command: 'node', env: { Some_Key: 'x' } }]);
  });
});

describe('interpolation', () => {
  it('fills ${NAME} and ${NAME:-default}, and leaves $${ alone', () => {
    const text = JSON.stringify({ bridge: { host: '${HOST:-::1}', port: '${PORT}' }, audit: { file: '/${A:-}x$${B}' } });
    const { config } = load({ PORT: '8080', HOST: '' }, text);
    expect(config.bridge).toMatchObject({ host: '::1', port: 8080 });
    expect(config.audit.file).toBe('/x${B}');
  });

  it('tells a variable that is not set, and a reference that is none', () => {
    expect(() => load({}, '{"bridge": {"host": "${HOST}"}}')).toThrow(
      '--config:1 bridge.host: the variable HOST is not set and has no default',
    );
    expect(() => load({}, '{"bridge": {"host": "${HOST:1}"}}')).toThrow('expected ${NAME} or ${NAME:-default}');
  });

  it('reads a mounted secret too', () => {
    const text = '{"upstreams": {"a": {"command": "x", "env": {"KEY": "${API_KEY}"}}}}';
    const { config, secrets } = load({ API_KEY_FILE: aSecret('s3cret\n') }, text);
    expect(config.upstreams[0]?.env).toEqual({ KEY: 's3cret' });
    expect(secrets).toEqual(['s3cret']);
  });
});
