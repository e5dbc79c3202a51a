import type { Redis } from '../redis/redis.js';

/** Makes the adapter of a port that the configuration asks for: in process, or on the Redis it names. */
export function byColumn<T>(redis: Redis | undefined, make: { readonly embedded: () => T; readonly cluster: (redis: Redis) => T }): T {
  return redis === undefined ? make.embedded() : make.cluster(redis);
}
