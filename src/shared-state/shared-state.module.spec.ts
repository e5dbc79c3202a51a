import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { aRedisServer } from '../../test/support/redis-server.js';
import { ConfigModule } from '../config/config.module.js';
import { Config } from '../config/config.js';
import { MemorySharedState } from './memory-shared-state.js';
import { RedisSharedState } from './redis-shared-state.js';
import { SharedState } from './shared-state.js';
import { SharedStateModule } from './shared-state.module.js';

describe(SharedStateModule.name, () => {
  const compiled = (config: Config) => Test.createTestingModule({ imports: [ConfigModule.with(config), SharedStateModule] }).compile();

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('keeps the state in process without a Redis', async () => {
    expect((await compiled(new Config())).get(SharedState)).toBeInstanceOf(MemorySharedState);
  });

  it('keeps it on the Redis that is named, there or not, and leaves it at the end', async () => {
    const server = await aRedisServer();
    const config = new Config();
    config.redis.url = server.url;
    const app = await compiled(config);
    expect(app.get(SharedState)).toBeInstanceOf(RedisSharedState);
    expect(app.get(SharedState).ready()).toEqual({ ok: true });
    await app.close();
    await server.close();

    const early = await compiled(config);
    expect(early.get(SharedState)).toBeInstanceOf(RedisSharedState);
    expect(early.get(SharedState).ready()).toEqual({ ok: false, reason: 'Redis cannot be reached' });
    await early.close();
  });
});
