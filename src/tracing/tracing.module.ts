import { randomUUID } from 'node:crypto';
import { Global, Module } from '@nestjs/common';
import { BridgeLogger } from '../logging/bridge-logger.js';
import { Redis } from '../redis/redis.js';
import { RedisModule } from '../redis/redis.module.js';
import { CallTracer } from './call-tracer.js';
import { TracingConfig } from './tracing.config.js';

/** Gives `CallTracer | undefined`: without `tracing.enabled` there is none, and OpenTelemetry is not loaded. */
@Global()
@Module({
  imports: [RedisModule],
  providers: [
    {
      provide: CallTracer,
      inject: [TracingConfig, BridgeLogger, Redis],
      useFactory: async (config: TracingConfig, logger: BridgeLogger, redis?: Redis) =>
        config.enabled ? CallTracer.start(config, redis?.replica ?? randomUUID(), logger) : undefined,
    },
  ],
  exports: [CallTracer],
})
export class TracingModule {}
