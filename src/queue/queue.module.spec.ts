import { Test } from '@nestjs/testing';
import { ConfigModule } from '../config/config.module.js';
import { Config } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { SharedStateModule } from '../shared-state/shared-state.module.js';
import { EmbeddedWorkQueue } from './embedded/embedded-work-queue.js';
import { QueueModule } from './queue.module.js';
import { WorkQueue } from './work-queue.js';

describe(QueueModule.name, () => {
  it('keeps the queue in process without a Redis', async () => {
    const app = await Test.createTestingModule({ imports: [ConfigModule.with(new Config()), QueueModule] }).compile();
    expect(app.get(WorkQueue)).toBeInstanceOf(EmbeddedWorkQueue);
  });

  it.each([QueueModule, SharedStateModule])('refuses a Redis it cannot use instead of going on in process: %p', async (module) => {
    const config = new Config();
    config.redis.url = 'redis://localhost';
    await expect(Test.createTestingModule({ imports: [ConfigModule.with(config), module] }).compile()).rejects.toThrow(ConfigError);
  });
});
