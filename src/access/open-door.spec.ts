import 'reflect-metadata';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { ApiKeyConfig } from './access.config.js';
import { checkDoor } from './open-door.js';

describe(checkDoor.name, () => {
  let folder: string;
  let config: Config;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'door-'));
    config = new Config();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const key = (secret: string, name = 'kitchen') => Object.assign(new ApiKeyConfig(), { name, sha256: hash('sha256', secret) });

  it.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('opens on %s without a key', (host) => {
    config.bridge.host = host;
    expect(checkDoor(config)).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '192.168.1.22', 'bridge.lan'])('refuses to open on %s without a key, and names the three ways out', (host) => {
    config.bridge.host = host;
    expect(() => checkDoor(config)).toThrow(ConfigError);
    expect(() => checkDoor(config)).toThrow(/127\.0\.0\.1.*access\.keys.*access\.allow_unauthenticated/);
  });

  it('opens anywhere with a key', () => {
    config.bridge.host = '0.0.0.0';
    config.access.keys = [key('0123456789-0123456789-0123456789')];
    expect(checkDoor(config)).toEqual([]);
  });

  it('opens anywhere with the flag, and warns', () => {
    config.bridge.host = '0.0.0.0';
    config.access.allowUnauthenticated = true;
    expect(checkDoor(config)).toEqual([expect.stringContaining('Anybody')]);
  });

  it('makes a key file once, for the owner only, and tells its name but not the key', () => {
    config.bridge.host = '0.0.0.0';
    config.access.keyFile = join(folder, 'api-key');
    const [told] = checkDoor(config);
    const made = readFileSync(config.access.keyFile, 'utf8').trim();

    expect(Buffer.from(made, 'base64url')).toHaveLength(32);
    expect(statSync(config.access.keyFile).mode & 0o777).toBe(0o600);
    expect(told).toContain(config.access.keyFile);
    expect(told).not.toContain(made);
    expect(checkDoor(config)).toEqual([]);
    expect(readFileSync(config.access.keyFile, 'utf8').trim()).toBe(made);
  });

  it('refuses a key file that cannot be made', () => {
    config.access.keyFile = join(folder, 'missing', 'api-key');
    expect(() => checkDoor(config)).toThrow(/access\.key_file: cannot read or make .*ENOENT/);
  });

  it.each(['keyFile', 'signingKeyFile'] as const)('refuses a %s of fewer than 32 bytes', (field) => {
    config.access[field] = join(folder, 'short');
    writeFileSync(join(folder, 'short'), 'only-31-bytes-are-too-few-bytes');
    expect(() => checkDoor(config)).toThrow(/fewer than 32 bytes/);
  });

  it.each(['changeme', 'secret', 'your-token'])('refuses the hash of %s as a key', (word) => {
    config.access.keys = [key(word)];
    expect(() => checkDoor(config)).toThrow(/access\.keys\[0\]\.sha256: is the hash of a placeholder/);
  });

  it.each(['*', '*.example', 'http://bridge.example', 'bridge.example/', ''])(
    'refuses %j among the hosts: no Host would equal it',
    (entry) => {
      config.access.allowedHosts = ['bridge.example', 'bridge.lan:3003', entry];
      expect(() => checkDoor(config)).toThrow(/^access\.allowed_hosts\[2\]: expected a host name/);
    },
  );

  it.each(['*', 'null', 'console.example', 'https://console.example/', 'https://*.example'])(
    'refuses %j among the origins: no Origin of a page to be let in would equal it',
    (entry) => {
      config.access.allowedOrigins = ['https://console.example', 'http://[::1]:8080', 'chrome-extension://abcdef', entry];
      expect(() => checkDoor(config)).toThrow(/^access\.allowed_origins\[3\]: expected an origin/);
    },
  );

  it('refuses a key that is called like callers without one, and networks that are none, all at once', () => {
    config.access.keys = [key('0123456789-0123456789-0123456789', 'anonymous')];
    config.access.trustProxy = ['10.0.0.0/99'];
    expect(() => checkDoor(config)).toThrow(/access\.keys\[0\]\.name[^]*access\.trust_proxy\[0\]/);
  });
});
