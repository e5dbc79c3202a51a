import { eventually } from '../../test/support/eventually.js';
import type { Config } from '../config/config.js';
import type { SessionPool } from '../session-pool/session-pool.js';
import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import { Replicas } from '../shared-state/replicas.js';
import { PortStatus } from './port-status.js';

const config = { bridge: { workers: 2 }, upstreams: [{ name: 'house' }] } as unknown as Config;

describe(PortStatus.name, () => {
  const shared = new MemorySharedState();
  const begun: Replicas[] = [];
  afterEach(() => begun.splice(0).forEach((replicas) => replicas.onModuleDestroy()));

  function worker(id: string, status: object): PortStatus {
    const replicas = new Replicas(id, shared);
    const port = new PortStatus(config, { status: () => status } as unknown as SessionPool, replicas);
    replicas.onApplicationBootstrap();
    begun.push(replicas);
    return port;
  }

  it('knows what each worker of its port says of an upstream, and no more of it than is shown', async () => {
    const one = worker('one', { ready: 1, total: 2, canStart: true });
    const health = { status: 'error', error: 'Connection lost', details: { rooms: ['attic'] } };
    worker('two', { ready: 0, total: 1, canStart: false, failure: {}, health });
    await eventually(() => one.of('house').length === 2);
    expect(one.of('house')).toEqual([
      { ready: 1, total: 2, canStart: true, hasFailed: false },
      { ready: 0, total: 1, canStart: false, hasFailed: true, health: { status: 'error', error: 'Connection lost' } },
    ]);
  });

  it('leaves out replicas of other ports', async () => {
    const one = worker('one', { ready: 1, total: 1, canStart: true });
    const other = new Replicas('other', shared);
    begun.push(other);
    other.contribute('port', () => ({ port: 'elsewhere:1', servers: { house: { ready: 9, total: 9, canStart: true, hasFailed: false } } }));
    other.onApplicationBootstrap();
    await eventually(() => begun[0]!.live().size === 2);
    expect(one.of('house')).toHaveLength(1);
  });
});
