import { Global, Module } from '@nestjs/common';
import { byColumn } from '../config/column.js';
import { Config } from '../config/config.js';
import { signingKey } from '../config/signing-key.js';
import { Redis } from '../redis/redis.js';
import { RedisModule } from '../redis/redis.module.js';
import { BullmqWorkQueue } from './bullmq/bullmq-work-queue.js';
import { EmbeddedWorkQueue } from './embedded/embedded-work-queue.js';
import { QueueObserver } from './queue-observer.js';
import { WorkQueue } from './work-queue.js';

@Global()
@Module({
  imports: [RedisModule],
  providers: [
    {
      provide: WorkQueue,
      inject: [Config, Redis, { token: QueueObserver, optional: true }],
      useFactory: (config: Config, redis: Redis | undefined, observer?: QueueObserver) => {
        const observe: QueueObserver['observe'] = (event) => observer?.observe(event);
        return byColumn<WorkQueue | Promise<WorkQueue>>(redis, {
          embedded: () => new EmbeddedWorkQueue(config.queue, { observe }),
          cluster: (redis) => BullmqWorkQueue.open(redis, config.queue, signingKey(config, 'records'), { observe }),
        });
      },
    },
  ],
  exports: [WorkQueue],
})
export class QueueModule {}
