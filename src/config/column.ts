import type { Redis } from '../redis/redis.js';
import type { RedisConfig } from '../redis/redis.config.js';
import { ConfigError, type Problem } from './config-error.js';

/** Makes the adapter of a port that the configuration asks for: in process, or on the Redis it names. */
export function byColumn<T>(redis: Redis | undefined, make: { readonly embedded: () => T; readonly cluster: (redis: Redis) => T }): T {
  return redis === undefined ? make.embedded() : make.cluster(redis);
}

/** @throws ConfigError: the queue of a cluster is not in this version, and one in process would run calls twice */
export function noClusterQueue(): never {
  throw new ConfigError(PROBLEMS);
}

/** What is asked for and is not in this version. */
export function columnProblems(redis: RedisConfig): readonly Problem[] {
  return redis.url === undefined ? [] : PROBLEMS;
}

const PROBLEMS: readonly Problem[] = [
  {
    key: 'redis.url',
    message: 'redis.url is set, and this version has no cluster adapter yet; remove it to run one process without Redis',
  },
];
