import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '../config/config.js';
import { UpstreamConfig } from '../session-pool/upstream.config.js';
import { configuredSecrets } from './configured-secrets.js';

describe(configuredSecrets.name, () => {
  it('are what children get, what keys open the door and what opens the store', () => {
    const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, 'the-key-of-the-door\n');
    const config = new Config();
    config.upstreams = [Object.assign(new UpstreamConfig(), { env: { ACCESS_TOKEN: 'abcd', MODE: 'off', SOMETHING: 'long-enough' } })];
    config.access.keyFile = keyFile;
    config.access.signingKeyFile = join(folder, 'not-there-yet');
    config.redis.url = 'redis://:p%40ss@redis:6379';

    expect(configuredSecrets(config)).toEqual(['abcd', 'long-enough', 'the-key-of-the-door', 'p%40ss', 'p@ss']);
    rmSync(folder, { recursive: true });
  });

  it('are none in a configuration without any', () => {
    expect(configuredSecrets(new Config())).toEqual([]);
  });
});
