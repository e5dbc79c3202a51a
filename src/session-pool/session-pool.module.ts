import { Global, Logger, Module } from '@nestjs/common';
import { SharedState } from '../shared-state/shared-state.js';
import { SharedStateModule } from '../shared-state/shared-state.module.js';
import { POOL_GROUND, realGround } from './pool-ground.js';
import { PoolObserver } from './pool-observer.js';
import { SessionPool } from './session-pool.js';

@Global()
@Module({
  imports: [SharedStateModule],
  providers: [
    SessionPool,
    {
      provide: POOL_GROUND,
      inject: [SharedState, { token: PoolObserver, optional: true }],
      useFactory: (shared: SharedState, observer?: PoolObserver) => realGround(shared, new Logger(SessionPool.name), observer),
    },
  ],
  exports: [SessionPool],
})
export class SessionPoolModule {}
