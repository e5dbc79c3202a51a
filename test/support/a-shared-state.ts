import { Redis } from '../../src/redis/redis.js';
import { RedisSharedState } from '../../src/shared-state/redis-shared-state.js';
import type { RedisServer } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';

/** What one replica has of the shared store, over a way of its own that a test can break. */
export interface ReplicaState {
  readonly redis: Redis;
  readonly state: RedisSharedState;
  readonly path: TcpProxy;
  close(): Promise<void>;
}

/** Replicas of one installation. */
export async function aSharedState(server: RedisServer, prefix: string): Promise<ReplicaState> {
  const path = await TcpProxy.to(server.port);
  const redis = await Redis.open(`redis://127.0.0.1:${path.port}`, prefix);
  const state = new RedisSharedState(redis);
  const close = async () => {
    await state.close();
    await redis.close();
    await path.close();
  };
  return { redis, state, path, close };
}
