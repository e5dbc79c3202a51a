import type { Provider } from '@nestjs/common';
import { AnswerCache } from '../cache/answer-cache.js';
import { Config } from '../config/config.js';
import { UpstreamBreaker } from '../execution/upstream-breaker.js';
import { WorkQueue } from '../queue/work-queue.js';
import { Redis } from '../redis/redis.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { SharedState } from '../shared-state/shared-state.js';
import { BreakerReader, CacheReader, PoolReader, QueueReader, RedisReader, StoreReader } from './readers.js';

/** The stages that the gauges read, as little of each as they need. */
export const STAGE_READERS: readonly Provider[] = [
  { provide: QueueReader, useExisting: WorkQueue },
  { provide: CacheReader, useExisting: AnswerCache },
  { provide: StoreReader, useExisting: SharedState },
  {
    provide: RedisReader,
    inject: [Redis],
    useFactory: (redis?: Redis): RedisReader => ({ isVolatile: () => redis?.isVolatile() ?? false }),
  },
  {
    provide: BreakerReader,
    inject: [Config, UpstreamBreaker],
    useFactory: ({ upstreams }: Config, breaker: UpstreamBreaker): BreakerReader => ({
      states: () => upstreams.map(({ name }) => ({ upstream: name, state: breaker.state(name) })),
    }),
  },
  {
    provide: PoolReader,
    inject: [Config, SessionPool],
    useFactory: ({ upstreams }: Config, pool: SessionPool): PoolReader => ({
      servers: () => upstreams.map(({ name }) => name),
      status: (server) => pool.status(server),
    }),
  },
];
