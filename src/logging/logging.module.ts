import { type DynamicModule, Global, Module } from '@nestjs/common';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import { AuditConfig } from './audit.config.js';
import { AuditLog } from './audit-log.js';
import { BridgeLogger } from './bridge-logger.js';
import { Redactor } from './redactor.js';

@Global()
@Module({})
export class LoggingModule {
  /** The logger is older than the application: it tells of its start. */
  static with(logger: BridgeLogger, redactor: Redactor): DynamicModule {
    return {
      module: LoggingModule,
      providers: [
        { provide: Redactor, useValue: redactor },
        {
          provide: BridgeLogger,
          inject: [BridgeMetrics],
          useFactory: (metrics: BridgeMetrics) => {
            logger.countDrops(() => metrics.logLinesDropped.inc({}));
            return logger;
          },
        },
        {
          provide: AuditLog,
          inject: [AuditConfig, BridgeLogger, BridgeMetrics],
          useFactory: (config: AuditConfig, log: BridgeLogger, metrics: BridgeMetrics) =>
            new AuditLog(config, redactor, log, () => metrics.logLinesDropped.inc({})),
        },
      ],
      exports: [BridgeLogger, AuditLog, Redactor],
    };
  }
}
