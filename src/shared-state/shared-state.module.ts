import { Global, Module } from '@nestjs/common';
import { byColumn } from '../config/column.js';
import { Config } from '../config/config.js';
import { MemorySharedState } from './memory-shared-state.js';
import { SharedState } from './shared-state.js';

@Global()
@Module({
  providers: [
    {
      provide: SharedState,
      inject: [Config],
      useFactory: ({ redis }: Config) => byColumn(redis, { embedded: () => new MemorySharedState() }),
    },
  ],
  exports: [SharedState],
})
export class SharedStateModule {}
