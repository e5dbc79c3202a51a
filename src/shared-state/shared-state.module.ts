import { randomUUID } from 'node:crypto';
import { Global, Module } from '@nestjs/common';
import { byColumn } from '../config/column.js';
import { Redis } from '../redis/redis.js';
import { RedisModule } from '../redis/redis.module.js';
import { MemorySharedState } from './memory-shared-state.js';
import { Replicas } from './replicas.js';
import { RedisSharedState } from './redis-shared-state.js';
import { SharedState } from './shared-state.js';
import { StoreObserver } from './store-observer.js';

@Global()
@Module({
  imports: [RedisModule],
  providers: [
    {
      provide: SharedState,
      inject: [Redis, { token: StoreObserver, optional: true }],
      useFactory: (redis: Redis | undefined, observer?: StoreObserver) =>
        byColumn<SharedState>(redis, {
          embedded: () => new MemorySharedState(),
          cluster: (redis) => new RedisSharedState(redis, observer),
        }),
    },
    {
      provide: Replicas,
      inject: [SharedState, Redis],
      useFactory: (shared: SharedState, redis?: Redis) => new Replicas(redis?.replica ?? randomUUID(), shared),
    },
  ],
  exports: [SharedState, Replicas],
})
export class SharedStateModule {}
