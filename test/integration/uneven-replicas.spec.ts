import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Prospects } from '../../src/execution/prospects.js';
import { SessionPool } from '../../src/session-pool/session-pool.js';
import { Replicas } from '../../src/shared-state/replicas.js';
import { aBridge, type Reply, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../support/redis-server.js';

const POLICY = { retry: { max_attempts: 1 }, tools: { write: { kind: 'write', timeout_seconds: 20, targets: ['/op'] } } };
const ONE_AT_A_TIME = { min_connections: 1, target_connections: 1, max_connections: 1, max_in_flight: 1, warm_spares: 0 };
/** An upstream counts as one that does not start after five attempts, further and further apart. */
const LOADED_MS = 60_000;

describe('An upstream that fails one of two replicas', () => {
  let server: RedisServer;
  let folder: string;
  let well: RunningBridge;
  let ill: RunningBridge;

  const set = (whose: 'well' | 'ill', mode: string) => writeFileSync(join(folder, whose), mode);
  const begin = async (mode: string) => {
    set('well', 'ok');
    set('ill', mode);
    const prefix = freshPrefix();
    const start = (whose: string) =>
      aBridge({
        redis: { url: server.url, prefix },
        shutdown: { delay_seconds: 0, timeout_seconds: 1 },
        upstreams: { house: upstream('outage', [join(folder, whose), join(folder, 'log')], { ...ONE_AT_A_TIME, policy: POLICY }) },
      });
    [well, ill] = await Promise.all([start('well'), start('ill')]);
    await eventually(async () => (await well.get('/health/ready')).status === 200, Boolean, LOADED_MS);
    const id = well.app.get(Replicas).id;
    await eventually(() => (ill.app.get(Replicas).live().get(id)?.lanes as string[] | undefined)?.includes('house'));
  };
  const prospect = ({ app }: RunningBridge) => app.get(Prospects).of('house', 'house', 0);
  const many = (bridge: RunningBridge, name: string) =>
    Promise.all(Array.from({ length: 15 }, (_, n) => bridge.call('write', { op: `${name}${n}`, ms: 30 })));
  const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status);
  const untilBroken = ({ app }: RunningBridge) =>
    eventually(
      () => app.get(SessionPool).status('house').canStart,
      (canStart) => !canStart,
      LOADED_MS,
    );

  beforeAll(async () => {
    server = await aRedisServer();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'uneven-'));
    writeFileSync(join(folder, 'log'), '');
  });
  afterEach(async () => {
    await Promise.all([well.close(), ill.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  afterAll(() => server.close());

  it(
    'and does not start there has all its calls run by the other; when that is gone they are refused at once',
    async () => {
      await begin('no-start');
      await untilBroken(ill);
      await eventually(() => prospect(ill) === 'elsewhere');
      expect(statuses(await many(well, 'w'))).toEqual(Array(15).fill(200));
      expect(statuses(await many(ill, 'i'))).toEqual(Array(15).fill(200));

      await well.close();
      await eventually(() => prospect(ill) === 'nowhere');
      const { status, body } = await ill.call('write', { op: 'late' }, { 'X-Timeout': '10' });
      expect([status, body.error.data.reason, body.error.data.outcome]).toEqual([503, 'start_failed', 'not_started']);
    },
    LOADED_MS,
  );

  it(
    'and starts on neither refuses what waits at once, whichever was called',
    async () => {
      await begin('no-start');
      set('well', 'no-start');
      await well.call('write', { op: 'poison' });
      await Promise.all([untilBroken(well), untilBroken(ill)]);
      await eventually(() => prospect(well) === 'nowhere' && prospect(ill) === 'nowhere');
      for (let round = 0; round < 4; round += 1) {
        const { body } = await (round % 2 === 0 ? well : ill).call('write', { op: `r${round}` }, { 'X-Timeout': '10' });
        expect(body.error.data.reason).toBe('start_failed');
      }
    },
    LOADED_MS,
  );

  it(
    'and refuses its token there is asked by the other from then on, until it refuses that one too',
    async () => {
      await begin('refused');
      await eventually(async () => (await ill.get('/health/ready')).status === 200, Boolean, LOADED_MS);
      const reached = () => readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n');
      await eventually(
        async () => {
          await ill.call('write', { op: 'finds out' });
          return reached();
        },
        (lines) => lines.includes('refused write finds out'),
      );
      await eventually(() => prospect(ill) === 'elsewhere');
      expect(statuses(await many(ill, 'i'))).toEqual(Array(15).fill(200));
      expect(statuses(await many(well, 'w'))).toEqual(Array(15).fill(200));
      expect(reached().filter((line) => line.startsWith('refused'))).toHaveLength(1);

      set('well', 'refused');
      await well.call('write', { op: 'finds out too' });
      await eventually(() => prospect(ill) === 'nowhere');
      const { body } = await ill.call('write', { op: 'late' });
      expect(body.error.data).toMatchObject({ reason: 'house_away', refused: true, outcome: 'not_started' });
      expect(reached().filter((line) => line.startsWith('refused'))).toHaveLength(2);
    },
    LOADED_MS,
  );
});
