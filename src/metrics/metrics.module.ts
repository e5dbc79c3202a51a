import { type DynamicModule, Global, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import { BridgeMetrics } from './bridge-metrics.js';
import { MetricsListener } from './metrics-listener.js';
import { MetricsController } from './metrics.controller.js';
import type { MonitoringConfig } from './monitoring.config.js';
import { Performance } from './performance.js';

@Global()
@Module({
  providers: [BridgeMetrics, MetricsListener, { provide: Performance, useFactory: () => new Performance() }],
  exports: [BridgeMetrics, MetricsListener, Performance],
})
export class MetricsModule {
  /** Without Prometheus the metrics are still kept, for the status page; nobody can scrape them. */
  static with({ prometheusEnabled }: MonitoringConfig): DynamicModule {
    const enabled = register.getSingleMetric('process_start_time_seconds') === undefined;
    const scraped = PrometheusModule.register({ controller: MetricsController, defaultMetrics: { enabled } });
    return { module: MetricsModule, imports: prometheusEnabled ? [scraped] : [] };
  }
}
