import { Global, Module } from '@nestjs/common';
import { byColumn, noClusterQueue } from '../config/column.js';
import { Redis } from '../redis/redis.js';
import { RedisModule } from '../redis/redis.module.js';
import { EmbeddedWorkQueue } from './embedded/embedded-work-queue.js';
import { QueueConfig } from './queue.config.js';
import { QueueObserver } from './queue-observer.js';
import { WorkQueue } from './work-queue.js';

@Global()
@Module({
  imports: [RedisModule],
  providers: [
    {
      provide: WorkQueue,
      inject: [QueueConfig, Redis, { token: QueueObserver, optional: true }],
      useFactory: (config: QueueConfig, redis: Redis | undefined, observer?: QueueObserver) =>
        byColumn<WorkQueue | Promise<WorkQueue>>(redis, {
          embedded: () => new EmbeddedWorkQueue(config, { observe: (event) => observer?.observe(event) }),
          cluster: (redis) => redis.close().then(noClusterQueue),
        }),
    },
  ],
  exports: [WorkQueue],
})
export class QueueModule {}
