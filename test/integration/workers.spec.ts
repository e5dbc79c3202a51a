import { aProcess, type BridgeProcess } from '../support/a-process.js';
import { upstream } from '../support/a-bridge.js';
import { untilReady } from '../support/a-cluster.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { post } from '../support/post.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../support/redis-server.js';

const POLICY = { tools: { slow: { kind: 'write' } } };
/** Processes and their children have to start, on a machine that may be busy. */
const LOADED_MS = 120_000;

describe('Several workers on one port', () => {
  let redis: RedisServer;
  let bridge: BridgeProcess;
  let metricsPort: number;

  const get = async (path: string): Promise<any> => (await fetch(bridge.url + path)).json();
  const pids = () => childrenOf(bridge.pid);
  const replicas = async (): Promise<number> => (await get('/mcp/status')).replicas.length;
  const slow = (ms: number) => post(`${bridge.url}/mcp/tools/call`, { name: 'slow', arguments: { ms } }, { 'X-Timeout': '60' });
  const scraped = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();

  beforeAll(async () => {
    redis = await aRedisServer();
  }, LOADED_MS);
  afterAll(() => redis.close());

  beforeEach(async () => {
    metricsPort = await freePort();
    const settings = {
      bridge: { workers: 2 },
      redis: { url: redis.url, prefix: freshPrefix() },
      upstreams: { echo: upstream('echo', [], { min_connections: 1, policy: POLICY }) },
      rate_limiting: { enabled: false },
      shutdown: { delay_seconds: 0 },
      monitoring: { prometheus_port: metricsPort },
    };
    bridge = await aProcess(['--config', JSON.stringify(settings)], { BRIDGE__MONITORING__PROMETHEUS_ENABLED: 'true' });
    await untilReady(bridge.url);
    await eventually(replicas, (count) => count === 2, LOADED_MS);
    await eventually(
      () => bridge.output().split('Listening on').length - 1,
      (listening) => listening === 2,
      LOADED_MS,
    );
  }, LOADED_MS);
  afterEach(() => bridge.stop('SIGKILL'));

  it(
    'are replicas of one bridge, whose metrics are summed, the queue counted once',
    async () => {
      // one whose child has not listed its tools yet cannot name them
      await eventually(scraped, (text) => /^bridge_sessions\{.*kind="plain",status="idle"\} 2$/m.test(text), LOADED_MS);
      await Promise.all(Array.from({ length: 6 }, () => slow(0)));
      const text = await scraped();
      expect(/^bridge_tool_calls_total\{.*outcome="done".*\} (\d+)$/m.exec(text)?.[1]).toBe('6');
      expect(/^bridge_queue_limit (\d+)$/m.exec(text)?.[1]).toBe('1000');
      expect(/^bridge_ready (\d+)$/m.exec(text)?.[1]).toBe('1');
    },
    LOADED_MS,
  );

  it(
    'tell of the children of all of them, whichever is asked for its health',
    async () => {
      const told = async () => {
        const [{ sessions }, { dependencies }] = [await get('/mcp/status'), await get('/health')];
        return { sessions, counted: dependencies.mcp_sessions };
      };
      const isWhole = ({ sessions, counted }: Awaited<ReturnType<typeof told>>) =>
        counted.total_count >= 2 && counted.total_count === sessions.total && counted.healthy_count === counted.total_count;
      await eventually(told, isWhole, LOADED_MS);
      for (let ask = 0; ask < 6; ask += 1) expect(isWhole(await told())).toBe(true);
    },
    LOADED_MS,
  );

  it('sign the lines of their one log with the names that the status page has for them', async () => {
    const said = bridge
      .output()
      .split('\n')
      .filter((line) => line.includes('Listening on'));
    const ids = (await get('/mcp/status')).replicas.map(({ id }: { id: string }) => id);
    expect(said.map((line) => JSON.parse(line).replica).sort()).toEqual(ids.sort());
  });

  it(
    'go on when one of them is killed, and are as many again soon',
    async () => {
      const before = pids();
      expect(before).toHaveLength(2);
      process.kill(before[0]!, 'SIGKILL');
      await eventually(() => !pids().includes(before[0]!));
      expect((await slow(0)).status).toBe(200);
      await eventually(pids, (now) => now.length === 2 && now.includes(before[1]!), LOADED_MS);
      await eventually(replicas, (count) => count === 2, LOADED_MS);
      expect(bridge.output()).toContain('A worker ended and is replaced');
    },
    LOADED_MS,
  );

  it(
    'end together at SIGTERM, when all they have accepted is answered',
    async () => {
      const running = [slow(1500), slow(1500)];
      await eventually(
        () => get('/mcp/status'),
        ({ queue }) => queue.processing === 2,
        LOADED_MS,
      );
      const workers = pids();
      const ended = bridge.stop('SIGTERM');
      expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
      expect(await ended).toBe(0);
      expect(workers.filter(isAlive)).toEqual([]);
    },
    LOADED_MS,
  );
});
