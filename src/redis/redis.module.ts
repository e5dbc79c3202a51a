import { Global, Module } from '@nestjs/common';
import { Redis } from './redis.js';
import { RedisConfig } from './redis.config.js';

/** Gives `Redis | undefined`: without `redis.url` there is none, and no driver is loaded. */
@Global()
@Module({
  providers: [
    {
      provide: Redis,
      inject: [RedisConfig],
      useFactory: ({ url, prefix }: RedisConfig) => (url === undefined ? undefined : Redis.open(url, prefix)),
    },
  ],
  exports: [Redis],
})
export class RedisModule {}
