import { SessionPool } from '../../src/session-pool/session-pool.js';
import { Replicas } from '../../src/shared-state/replicas.js';
import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { isAlive } from '../support/processes.js';
import { aRedis, freshPrefix, type RedisServer } from '../support/redis-server.js';

const INITIALIZE = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' }, session_id: 'mine' };
const MINE = { 'X-Session-ID': 'mine' };
const POLICY = { tools: { recall: { kind: 'read' }, remember: { kind: 'write' }, crash: { kind: 'write' } } };
const LONG_MS = 60_000;

describe('A child for each client, on several replicas, at the end of its session', () => {
  let redis: Pick<RedisServer, 'url' | 'close'>;
  let prefix: string;
  const bridges: RunningBridge[] = [];

  beforeAll(async () => {
    redis = await aRedis();
  });
  beforeEach(() => {
    prefix = freshPrefix();
  });
  afterEach(async () => {
    await Promise.all(bridges.splice(0).map((bridge) => bridge.close()));
  });
  afterAll(() => redis.close());

  const start = async (settings: object = {}): Promise<RunningBridge> => {
    const bridge = await aBridge({
      redis: { url: redis.url, prefix },
      shutdown: { delay_seconds: 0, timeout_seconds: 1 },
      upstreams: { notes: upstream('stateful', [], { isolation: 'per_client', policy: POLICY, warm_spares: 1 }) },
      ...settings,
    });
    bridges.push(bridge);
    await eventually(async () => (await bridge.get('/health/ready')).status === 200, Boolean, LONG_MS);
    return bridge;
  };
  const two = async (settings: object = {}): Promise<[RunningBridge, RunningBridge]> => {
    const [one, other] = [await start(settings), await start(settings)];
    await eventually(() => [one, other].every(({ app }) => app.get(Replicas).live().size === 2));
    return [one, other];
  };
  const open = async (bridge: RunningBridge): Promise<number> => {
    const { status, body } = await bridge.post('/mcp/initialize', INITIALIZE);
    expect(status).toBe(200);
    return Date.parse(body.result.expires_at);
  };
  const recall = async (bridge: RunningBridge, session: Record<string, string> = MINE) => {
    const { status, body } = await bridge.call('recall', {}, session);
    return { status, ...body.structuredContent };
  };
  const past = (moment: number) => eventually(() => Date.now() > moment, Boolean, LONG_MS);

  it(
    'gives a session that ran out a new child where it is opened again',
    async () => {
      const [one, other] = await two({ client_sessions: { idle_seconds: 2 } });
      const expiresAt = await open(one);
      const { pid } = await recall(one);
      await past(expiresAt + 1000);

      await open(other);
      const anew = await recall(other);
      expect(anew).toMatchObject({ status: 200, notes: [] });
      expect(await recall(one)).toMatchObject({ status: 200, pid: anew.pid });
      await eventually(() => !isAlive(pid));
    },
    LONG_MS,
  );

  it(
    'opens a session anew, as told, when only its child was lost',
    async () => {
      const [one, other] = await two();
      await open(one);
      await one.app.get(SessionPool).end('notes', 'anonymous/mine');
      expect(await recall(other)).toMatchObject({ status: 404 });
      await open(other);
      expect(await recall(other)).toMatchObject({ status: 200, notes: [] });
    },
    LONG_MS,
  );

  it(
    'keeps the child of a session that another replica renewed as long as it says',
    async () => {
      const [one, other] = await two({ client_sessions: { idle_seconds: 4, max_age_seconds: 4 } });
      const first = await open(one);
      await one.call('remember', { text: 'kept' }, MINE);
      await past(first - 1800);
      const renewed = await open(other);
      await past(first + 1300);
      expect(Date.now()).toBeLessThan(renewed);
      expect(await recall(one)).toMatchObject({ status: 200, notes: ['kept'] });
    },
    LONG_MS,
  );

  it(
    'ends the child of calls without a session when none comes any more, also the one that took the place of a crashed one',
    async () => {
      const [one, other] = await two({ client_sessions: { idle_seconds: 2 } });
      const first = await recall(one, {});
      expect((await other.call('crash')).status).toBe(502);
      const second = await eventually(
        () => recall(other, {}),
        ({ status }) => status === 200,
      );
      expect(second.pid).not.toBe(first.pid);
      await eventually(() => !isAlive(second.pid), Boolean, LONG_MS);
      expect(await recall(other, {})).toMatchObject({ status: 200, notes: [] });
    },
    LONG_MS,
  );

  it(
    'says 404, also on a replica that has only started, when the replica of a session has ended; initialize works again',
    async () => {
      const one = await start();
      await open(one);
      await one.call('remember', { text: 'lost' }, MINE);
      bridges.splice(0);
      await one.close();

      const other = await start();
      const { status, body } = await other.call('recall', {}, MINE);
      expect([status, body.error?.code, body.error?.data]).toEqual([404, -32001, expect.objectContaining({ outcome: 'not_started' })]);
      await open(other);
      expect(await recall(other)).toMatchObject({ status: 200, notes: [] });
    },
    LONG_MS,
  );
});
