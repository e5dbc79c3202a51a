import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { BridgeModule } from './bridge/bridge.module.js';
import { CacheModule } from './cache/cache.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Config } from './config/config.js';
import { ExecutionModule } from './execution/execution.module.js';
import { HealthModule } from './health/health.module.js';
import type { BridgeLogger } from './logging/bridge-logger.js';
import { LoggingModule } from './logging/logging.module.js';
import type { Redactor } from './logging/redactor.js';
import { GaugesModule } from './metrics/gauges.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { ObserversModule } from './metrics/observers.module.js';
import { STAGE_READERS } from './metrics/stage-readers.js';
import { PolicyModule } from './policy/policy.module.js';
import { QueueModule } from './queue/queue.module.js';
import { SessionPoolModule } from './session-pool/session-pool.module.js';
import { SharedStateModule } from './shared-state/shared-state.module.js';
import { TracingModule } from './tracing/tracing.module.js';

/** The composition root: the modules in the order in which a call passes them, then what watches. */
@Module({})
export class AppModule {
  static with(config: Config, logger: BridgeLogger, redactor: Redactor): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(config),
        LoggingModule.with(logger, redactor),
        SharedStateModule,
        AccessModule.with(config),
        BridgeModule.with(config),
        PolicyModule,
        CacheModule,
        QueueModule,
        ExecutionModule,
        SessionPoolModule,
        HealthModule.with(config),
        MetricsModule.with(config.monitoring),
        ObserversModule,
        TracingModule,
        GaugesModule.reading(STAGE_READERS),
      ],
    };
  }
}
