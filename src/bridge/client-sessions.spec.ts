import { ManualClock } from '../../test/support/manual-clock.js';
import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import { ClientSessionsConfig } from './client-sessions.config.js';
import { ClientSessions } from './client-sessions.js';

describe(ClientSessions.name, () => {
  let clock: ManualClock;
  let one: ClientSessions;
  let other: ClientSessions;
  let shared: MemorySharedState;

  beforeEach(() => {
    clock = new ManualClock();
    jest.spyOn(Date, 'now').mockImplementation(() => clock.now());
    const config = Object.assign(new ClientSessionsConfig(), { idleSeconds: 100, maxPerKey: 3, max: 5 });
    shared = new MemorySharedState(clock);
    [one, other] = [new ClientSessions(config, shared), new ClientSessions(config, shared)];
  });
  afterEach(() => jest.restoreAllMocks());

  const open = async (sessions: ClientSessions, principal = 'ann', id?: string) =>
    (await sessions.open(principal, 'house', '2025-06-18', id)).session.id;
  const refused = (limit: string) => expect.objectContaining({ reason: 'no_sessions', data: expect.objectContaining({ limit }) });

  it('count wherever they end: who ends each on another replica may open them for ever', async () => {
    for (let round = 0; round < 10; round += 1) await other.end('ann', await open(one));
    for (let round = 0; round < 10; round += 1) await other.forget((await one.open('ann', 'house', '2025-06-18')).session);
  });

  it('are as many as a caller may have, on all replicas together, and never refuse to be renewed', async () => {
    await open(one);
    await open(one, 'ann', 'mine');
    await open(other);
    await expect(open(one)).rejects.toEqual(refused('client_sessions.max_per_key'));
    await expect(open(other)).rejects.toEqual(refused('client_sessions.max_per_key'));
    expect(await open(other, 'ann', 'mine')).toBe('mine');
  });

  it('are as many as all callers may have, and a refusal takes no place', async () => {
    const opened: string[] = [];
    for (const principal of ['ann', 'bob', 'bob', 'eve', 'eve']) opened.push(await open(one, principal));
    for (let attempt = 0; attempt < 3; attempt += 1) await expect(open(other)).rejects.toEqual(refused('client_sessions.max'));
    for (const id of opened.slice(1, 3)) await other.end('bob', id);
    await open(other);
    await open(one);
  });

  it('leave their places when they run out, whoever opened them, and keep them while they are used', async () => {
    await open(one, 'ann', 'used');
    await open(one);
    await open(one);
    await clock.advance(60_000);
    await other.use('ann', 'house', 'used');
    await clock.advance(60_000);
    await open(other);
    await open(other);
    await expect(open(other)).rejects.toEqual(refused('client_sessions.max_per_key'));
    await one.use('ann', 'house', 'used');
  });

  /** What others do between the next reading of a session and what comes of it. */
  const meanwhile = (act: () => Promise<unknown>) => {
    const get = shared.get.bind(shared);
    jest.spyOn(shared, 'get').mockImplementationOnce(async (key) => {
      const value = await get(key);
      await act();
      return value;
    });
  };

  it.each([
    ['ended', () => other.end('ann', 'mine')],
    ['lost with its child', async () => other.forget((await other.findOpen('ann', 'mine'))!)],
  ])('stay dead when they are %s elsewhere while they are used', async (_how, end) => {
    await open(one, 'ann', 'mine');
    await clock.advance(60_000);
    meanwhile(end);
    await expect(one.use('ann', 'house', 'mine')).rejects.toMatchObject({ reason: 'session_expired' });
    expect(await other.findOpen('ann', 'mine')).toBeUndefined();
    for (let place = 0; place < 3; place += 1) await open(one);
  });

  it('may be used at two places at once, and ended while they are used', async () => {
    await open(one, 'ann', 'mine');
    await clock.advance(60_000);
    meanwhile(() => other.use('ann', 'house', 'mine'));
    await one.use('ann', 'house', 'mine');
    await clock.advance(60_000);
    meanwhile(() => other.use('ann', 'house', 'mine'));
    await one.end('ann', 'mine');
    expect(await other.findOpen('ann', 'mine')).toBeUndefined();
  });

  it('are not forgotten when they are opened anew meanwhile', async () => {
    const { session } = await one.open('ann', 'house', '2025-06-18', 'mine');
    await clock.advance(10);
    meanwhile(() => open(other, 'ann', 'mine'));
    await one.forget(session);
    expect(await other.findOpen('ann', 'mine')).toMatchObject({ createdAt: clock.now() });
  });
});
