import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from './config.js';
import { signingKey } from './signing-key.js';

describe(signingKey.name, () => {
  const folder = mkdtempSync(join(tmpdir(), 'signing-key-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const keyOf = (change: (config: Config) => void, purpose = 'records'): string => {
    const config = new Config();
    change(config);
    return signingKey(config, purpose);
  };
  const withFile = (name: string) => (config: Config) => (config.access.signingKeyFile = join(folder, name));
  const withUrl = (url: string) => (config: Config) => (config.redis.url = url);

  it('is the same for all who have the file, which is made once and for its owner alone', () => {
    const key = keyOf(withFile('one'));
    expect(keyOf(withFile('one'))).toBe(key);
    expect(keyOf(withFile('other'))).not.toBe(key);
    expect(statSync(join(folder, 'one')).mode & 0o777).toBe(0o600);
  });

  it('comes from the password of Redis where there is no file, whatever else the url says', () => {
    const key = keyOf(withUrl('redis://:secret@one:6379'));
    expect(keyOf(withUrl('rediss://user:secret@two:6380'))).toBe(key);
    expect(keyOf(withUrl('redis://:other@one:6379'))).not.toBe(key);
  });

  it('differs between purposes and between installations', () => {
    const keys = [keyOf(() => undefined), keyOf(() => undefined, 'answers'), keyOf((config) => (config.redis.prefix = 'other'))];
    expect(new Set(keys).size).toBe(3);
  });
});
