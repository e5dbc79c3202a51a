import { hkdfSync } from 'node:crypto';
import type { Config } from './config.js';
import { openKeyFile } from './key-file.js';

/**
 * What all replicas of an installation can sign with, another key for each purpose. Its secret is the file of
 * `access.signing_key_file`, else the password of Redis; without either the prefix stands in, which tells installations
 * apart and keeps nobody out.
 * @throws ConfigError when the file can be neither read nor made
 */
export function signingKey(config: Pick<Config, 'access' | 'redis'>, purpose: string): string {
  return Buffer.from(hkdfSync('sha256', secretOf(config), config.redis.prefix, purpose, 32)).toString('base64url');
}

function secretOf({ access, redis }: Pick<Config, 'access' | 'redis'>): string {
  if (access.signingKeyFile !== undefined) return openKeyFile(access.signingKeyFile, 'access.signing_key_file').key;
  const password = redis.url !== undefined && URL.canParse(redis.url) ? new URL(redis.url).password : '';
  return password || redis.prefix;
}
