import { ConfigError, type Problem } from './config-error.js';
import type { RedisConfig } from '../redis/redis.config.js';

/** Makes the adapter of a port that the configuration asks for: in process, unless a Redis is named. */
export function byColumn<T>(redis: RedisConfig, make: { readonly embedded: () => T }): T {
  const problems = columnProblems(redis);
  if (problems.length > 0) throw new ConfigError(problems);
  return make.embedded();
}

/** What is asked for and is not in this version. */
export function columnProblems(redis: RedisConfig): readonly Problem[] {
  if (redis.url === undefined) return [];
  const message = 'redis.url is set, and this version has no cluster adapter yet; remove it to run one process without Redis';
  return [{ key: 'redis.url', message }];
}
