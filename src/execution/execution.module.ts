import { Global, Module } from '@nestjs/common';
import { CallExecutor } from './call-executor.js';
import { Lanes } from './lanes.js';
import { Prospects } from './prospects.js';
import { UpstreamBreaker } from './upstream-breaker.js';

@Global()
@Module({ providers: [UpstreamBreaker, Prospects, CallExecutor, Lanes], exports: [UpstreamBreaker, Prospects] })
export class ExecutionModule {}
