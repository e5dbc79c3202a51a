import { type DynamicModule, Module, type ModuleMetadata, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { register } from 'prom-client';
import { READ_GAUGES } from './gauges.js';
import { QueueFigures } from './queue-figures.js';
import { QueueSample } from './queue-sample.js';
import { QueueReader } from './readers.js';

/** The gauges that read other stages; it comes last, when those are there to be read. */
@Module({})
export class GaugesModule implements OnApplicationShutdown {
  /** @param readers binds every reader of `readers.ts` but the readiness, which the health stage tells */
  static reading(readers: readonly Provider[], imports: ModuleMetadata['imports'] = []): DynamicModule {
    const sample = {
      provide: QueueSample,
      inject: [QueueReader, { token: QueueFigures, optional: true }],
      useFactory: (queue: QueueReader, figures?: QueueFigures) => new QueueSample(queue, figures),
    };
    return {
      module: GaugesModule,
      imports,
      providers: [...readers, sample, ...READ_GAUGES.map(({ provider }) => provider)],
      exports: [QueueSample],
    };
  }

  /** A later application in this process reads its own stages, not ours. */
  onApplicationShutdown(): void {
    for (const { name } of READ_GAUGES) register.removeSingleMetric(name);
  }
}
