import { Global, Module } from '@nestjs/common';
import { CallExecutor } from './call-executor.js';
import { Lanes } from './lanes.js';
import { UpstreamBreaker } from './upstream-breaker.js';

@Global()
@Module({ providers: [UpstreamBreaker, CallExecutor, Lanes], exports: [UpstreamBreaker] })
export class ExecutionModule {}
