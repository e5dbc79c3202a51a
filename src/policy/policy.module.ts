import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Policy } from './policy.js';

@Global()
@Module({
  providers: [{ provide: Policy, inject: [Config], useFactory: (config: Config) => Policy.compile(config) }],
  exports: [Policy],
})
export class PolicyModule {}
