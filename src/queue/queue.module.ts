import { Global, Module } from '@nestjs/common';
import { byColumn } from '../config/column.js';
import { Config } from '../config/config.js';
import { EmbeddedWorkQueue } from './embedded/embedded-work-queue.js';
import { QueueObserver } from './queue-observer.js';
import { WorkQueue } from './work-queue.js';

@Global()
@Module({
  providers: [
    {
      provide: WorkQueue,
      inject: [Config, { token: QueueObserver, optional: true }],
      useFactory: ({ redis, queue }: Config, observer?: QueueObserver) =>
        byColumn(redis, { embedded: () => new EmbeddedWorkQueue(queue, { observe: (event) => observer?.observe(event) }) }),
    },
  ],
  exports: [WorkQueue],
})
export class QueueModule {}
