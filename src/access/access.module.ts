import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { systemClock } from '../call/clock.js';
import type { Config } from '../config/config.js';
import { MonitoringConfig } from '../metrics/monitoring.config.js';
import { Replicas } from '../shared-state/replicas.js';
import { SharedState } from '../shared-state/shared-state.js';
import { AccessConfig } from './access.config.js';
import { Doorkeeper } from './doorkeeper.js';
import { KeyRing } from './key-ring.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RateLimitingConfig } from './rate-limiting.config.js';
import { TokenBuckets } from './token-buckets.js';
import { TokenReader } from './token-reader.js';

@Module({
  providers: [
    {
      provide: Doorkeeper,
      inject: [AccessConfig, MonitoringConfig],
      useFactory: async (access: AccessConfig, { healthCheckPath }: MonitoringConfig) =>
        new Doorkeeper(access, healthCheckPath, KeyRing.open(access), await TokenReader.open(access.jwt)),
    },
    {
      provide: TokenBuckets,
      inject: [RateLimitingConfig, SharedState, Replicas],
      useFactory: ({ burstCapacity, requestsPerSecond }: RateLimitingConfig, shared: SharedState, replicas: Replicas) =>
        new TokenBuckets({ capacity: burstCapacity, refillPerSecond: requestsPerSecond }, shared, systemClock, () => replicas.lastCount),
    },
  ],
  exports: [Doorkeeper],
})
export class AccessModule {
  /** Without a limit no route has a guard: it would cost each request something to learn that. */
  static with({ rateLimiting: { enabled, burstCapacity, requestsPerSecond } }: Config): DynamicModule {
    if (!enabled) return { module: AccessModule };
    return {
      module: AccessModule,
      imports: [ThrottlerModule.forRoot([{ limit: burstCapacity, ttl: (1000 * burstCapacity) / requestsPerSecond }])],
      providers: [{ provide: APP_GUARD, useClass: RateLimitGuard }],
    };
  }
}
