import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import type { Config } from '../config/config.js';
import { ReadinessReader } from '../metrics/readers.js';
import { healthControllerAt } from './health.controller.js';
import { Lifecycle } from './lifecycle.js';
import { PortStatus } from './port-status.js';
import { ReadinessIndicator } from './readiness.indicator.js';
import { SessionsIndicator } from './sessions.indicator.js';
import { StatusController } from './status.controller.js';
import { StatusService } from './status.service.js';
import { UpstreamsIndicator } from './upstreams.indicator.js';

const READINESS = { provide: ReadinessReader, useExisting: ReadinessIndicator };

@Module({})
export class HealthModule {
  static with({ bridge, monitoring }: Config): DynamicModule {
    const probes = healthControllerAt(monitoring.healthCheckPath);
    return {
      module: HealthModule,
      global: true,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: bridge.role === 'back' ? [probes] : [probes, StatusController],
      providers: [Lifecycle, PortStatus, ReadinessIndicator, SessionsIndicator, StatusService, UpstreamsIndicator, READINESS],
      exports: [Lifecycle, READINESS],
    };
  }
}
