import { ManualClock } from '../../test/support/manual-clock.js';
import type { SessionPool } from '../session-pool/session-pool.js';
import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import { Replicas } from '../shared-state/replicas.js';
import { ClientSessionsConfig } from './client-sessions.config.js';
import { type ClientSession, ClientSessions } from './client-sessions.js';
import { DedicatedClients } from './dedicated-clients.js';

const MINUTE_MS = 60_000;

describe(DedicatedClients.name, () => {
  let clock: ManualClock;
  let ended: string[];
  /** When the last call of the child ran; undefined while there is none. */
  let ranAt: number | undefined;
  let one: DedicatedClients;
  let other: DedicatedClients;
  let shared: MemorySharedState;

  beforeEach(() => {
    jest.useFakeTimers({ now: 0, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    clock = new ManualClock();
    ended = [];
    ranAt = undefined;
    shared = new MemorySharedState(clock);
    const config = Object.assign(new ClientSessionsConfig(), { idleSeconds: 600, maxAgeSeconds: 3_600 });
    const pool: Pick<SessionPool, 'idleMs' | 'end'> = {
      idleMs: () => (ranAt === undefined ? undefined : clock.now() - ranAt),
      end: (_server, client) => Promise.resolve(void ended.push(client)),
    };
    const clientsOn = (id: string) => {
      const replicas = new Replicas(id, shared, clock);
      return new DedicatedClients(config, new ClientSessions(config, shared), pool as SessionPool, shared, replicas);
    };
    [one, other] = [clientsOn('one'), clientsOn('other')];
    one.onModuleInit();
  });
  afterEach(() => {
    one.onModuleDestroy();
    jest.useRealTimers();
  });

  const pass = async (ms: number) => {
    await clock.advance(ms);
    await jest.advanceTimersByTimeAsync(ms);
  };

  it('keeps the child of calls without a session where it is for as long as they come, to whichever replica', async () => {
    await one.use('house', 'ann');
    for (let call = 0; call < 30; call += 1) {
      ranAt = clock.now();
      await pass(9 * MINUTE_MS);
      expect(await other.use('house', 'ann')).toMatchObject({ owner: 'one' });
    }
    expect(ended).toEqual([]);
    await pass(20 * MINUTE_MS);
    expect(ended).toEqual(['ann']);
    expect(await other.use('house', 'ann')).toMatchObject({ owner: 'other' });
  });

  it('ends the child that took the place of a crashed one, be it called through other replicas only', async () => {
    await one.use('house', 'ann');
    await one.lost('house', 'ann');
    await pass(9 * MINUTE_MS);
    expect(await other.use('house', 'ann')).toMatchObject({ owner: 'one' });
    ranAt = clock.now();
    await pass(9 * MINUTE_MS);
    expect(ended).toEqual([]);
    await pass(2 * MINUTE_MS);
    expect(ended).toEqual(['ann']);
  });

  it('asks nothing of the store for children that end with their replica', async () => {
    await one.use('house', 'ann', aSession('mine'));
    one.onModuleDestroy();
    const get = jest.spyOn(shared, 'get');
    await one.lost('house', 'ann/mine');
    expect(get).not.toHaveBeenCalled();
  });
});

function aSession(id: string): ClientSession {
  return { id, principal: 'ann', server: 'house', protocolVersion: '2025-06-18', owner: 'one', createdAt: 0, expiresAt: 600_000 };
}
