import { Module } from '@nestjs/common';
import { systemClock } from '../call/clock.js';
import { MonitoringConfig } from '../metrics/monitoring.config.js';
import { Replicas } from '../shared-state/replicas.js';
import { SharedState } from '../shared-state/shared-state.js';
import { AccessConfig } from './access.config.js';
import { Doorkeeper } from './doorkeeper.js';
import { KeyRing } from './key-ring.js';
import { RateLimitingConfig } from './rate-limiting.config.js';
import { TokenBuckets } from './token-buckets.js';

@Module({
  providers: [
    {
      provide: Doorkeeper,
      inject: [AccessConfig, MonitoringConfig],
      useFactory: (access: AccessConfig, { healthCheckPath }: MonitoringConfig) =>
        new Doorkeeper(access, healthCheckPath, KeyRing.open(access)),
    },
    {
      provide: TokenBuckets,
      inject: [RateLimitingConfig, SharedState, Replicas],
      useFactory: ({ burstCapacity, requestsPerSecond }: RateLimitingConfig, shared: SharedState, replicas: Replicas) =>
        new TokenBuckets({ capacity: burstCapacity, refillPerSecond: requestsPerSecond }, shared, systemClock, () => replicas.lastCount),
    },
  ],
  exports: [Doorkeeper, TokenBuckets],
})
export class AccessModule {}
