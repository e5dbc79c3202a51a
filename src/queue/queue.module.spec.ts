import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { aRedisServer } from '../../test/support/redis-server.js';
import { ConfigModule } from '../config/config.module.js';
import { Config } from '../config/config.js';
import { BullmqWorkQueue } from './bullmq/bullmq-work-queue.js';
import { EmbeddedWorkQueue } from './embedded/embedded-work-queue.js';
import { QueueModule } from './queue.module.js';
import { WorkQueue } from './work-queue.js';

describe(QueueModule.name, () => {
  it('keeps the queue in process without a Redis', async () => {
    const app = await Test.createTestingModule({ imports: [ConfigModule.with(new Config()), QueueModule] }).compile();
    expect(app.get(WorkQueue)).toBeInstanceOf(EmbeddedWorkQueue);
  });

  it('is the queue of all replicas where a Redis is named', async () => {
    Logger.overrideLogger(false);
    const server = await aRedisServer();
    const config = new Config();
    config.redis.url = server.url;
    const app = await Test.createTestingModule({ imports: [ConfigModule.with(config), QueueModule] }).compile();
    const queue = app.get(WorkQueue);
    expect(queue).toBeInstanceOf(BullmqWorkQueue);
    expect(queue.ready()).toEqual({ ok: true });
    await queue.close(0);
    await app.close();
    await server.close();
  });
});
