import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { aRedisServer } from '../../test/support/redis-server.js';
import { ConfigModule } from '../config/config.module.js';
import { Config } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { EmbeddedWorkQueue } from './embedded/embedded-work-queue.js';
import { QueueModule } from './queue.module.js';
import { WorkQueue } from './work-queue.js';

describe(QueueModule.name, () => {
  it('keeps the queue in process without a Redis', async () => {
    const app = await Test.createTestingModule({ imports: [ConfigModule.with(new Config()), QueueModule] }).compile();
    expect(app.get(WorkQueue)).toBeInstanceOf(EmbeddedWorkQueue);
  });

  it('refuses a Redis it cannot use instead of going on in process', async () => {
    Logger.overrideLogger(false);
    const server = await aRedisServer();
    const config = new Config();
    config.redis.url = server.url;
    await expect(Test.createTestingModule({ imports: [ConfigModule.with(config), QueueModule] }).compile()).rejects.toThrow(ConfigError);
    await server.close();
  });
});
