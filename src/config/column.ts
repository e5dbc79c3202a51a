import { ConfigError } from './config-error.js';
import type { RedisConfig } from '../redis/redis.config.js';

/** Makes the adapter of a port that the configuration asks for: in process, unless a Redis is named. */
export function byColumn<T>(redis: RedisConfig, make: { readonly embedded: () => T }): T {
  if (redis.url === undefined) return make.embedded();
  const message = 'redis.url is set, and this version has no cluster adapter yet; remove it to run one process without Redis';
  throw new ConfigError([{ key: 'redis.url', message }]);
}
