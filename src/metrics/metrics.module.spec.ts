import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Config } from '../config/config.js';
import type { QueueStats } from '../queue/work-queue.js';
import { BridgeMetrics } from './bridge-metrics.js';
import { type MetricSpec, METRICS } from './catalog.js';
import { GaugesModule } from './gauges.module.js';
import { MetricsListener } from './metrics-listener.js';
import { MetricsModule } from './metrics.module.js';
import { MonitoringConfig } from './monitoring.config.js';
import { Performance } from './performance.js';
import { BreakerReader, CacheReader, PoolReader, QueueReader, ReadinessReader, RedisReader, StoreReader } from './readers.js';

const STATS: QueueStats = {
  waiting: 7,
  waitingByClass: { 0: 1, 1: 2, 2: 4, 3: 0, 4: 0 },
  parked: { lock: 3, share: 1 },
  running: 2,
  runningByClass: { 0: 0, 1: 0, 2: 2, 3: 0, 4: 0 },
  slots: 10,
  oldestWaitMs: 1500,
  avgRunMs: 0,
  storedBytes: 0,
  lanes: { house: { waiting: 7, running: 2, slots: 10 } },
};
const NONE = { busy: 0, idle: 0, starting: 0, leaving: 0 };
const KINDS = { plain: { ...NONE, busy: 1, idle: 2 }, dedicated: NONE, spare: { ...NONE, idle: 1, starting: 1 } };
const POOL = { kinds: KINDS, ready: 4, busy: 1, idle: 3, starting: 1, leaving: 0, total: 5, utilization: 0.25, inFlight: 1 };

describe(MetricsModule.name, () => {
  let app: INestApplication;
  let stats: () => Promise<QueueStats>;
  beforeEach(() => (stats = () => Promise.resolve(STATS)));
  afterEach(() => app.close());

  async function begin(change: (monitoring: MonitoringConfig) => void = () => undefined): Promise<void> {
    const monitoring = Object.assign(new MonitoringConfig(), { prometheusPort: 0 });
    change(monitoring);
    const bind = (provide: object, useValue: object) => ({ provide: provide as typeof QueueReader, useValue });
    const readers = [
      bind(QueueReader, { stats: () => stats() }),
      bind(PoolReader, { servers: () => ['house'], status: () => POOL }),
      bind(BreakerReader, { states: () => [{ upstream: 'house', state: 'half_open' }] }),
      bind(CacheReader, { stats: () => ({ entries: 5 }) }),
      bind(StoreReader, { ready: () => ({ ok: true }) }),
      bind(RedisReader, { isVolatile: () => true }),
      bind(ReadinessReader, { obstacle: () => undefined }),
    ];
    @Module({
      imports: [
        {
          ...MetricsModule.with(monitoring),
          providers: [bind(Config, Object.assign(new Config(), { monitoring }))],
        },
        GaugesModule.reading(readers),
      ],
    })
    class AppModule {}
    const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = testing.createNestApplication();
    app.useLogger(false);
    await app.listen(0, '127.0.0.1');
  }

  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${String(app.get(MetricsListener).port)}/metrics`)).text();
  const valueOf = (text: string, series: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1];

  it('says the same in the catalog, in docs/metrics.md and in a scrape', async () => {
    await begin();
    app.get(BridgeMetrics).buildInfo.set({ version: '1', node: '20' }, 1);
    const text = await scrape();
    const scraped = [...text.matchAll(/^# HELP (bridge_\w+) (.+)\n# TYPE \w+ (\w+)$/gm)].map(([, name, help, type]) => ({
      name,
      type,
      help,
    }));
    const docs = readFileSync('docs/metrics.md', 'utf8');
    const documented = [...docs.matchAll(/^\| `(\w+)`\s*\| (\w+)\s*\| (.+?)\s*\| (.+?)\s*\| (sum|max|min|avg)\s*\|$/gm)].map(
      ([, name, type, labels, help]) => ({ name, type, labels, help }),
    );
    const catalog = Object.entries<MetricSpec>(METRICS).map(([name, { type, help, labels = [] }]) => ({
      name,
      type,
      labels: labels.map((label) => `\`${label}\``).join(', ') || '–',
      help,
    }));

    const byName = (one: { name?: string }, other: { name?: string }) => String(one.name).localeCompare(String(other.name));
    expect(documented.sort(byName)).toEqual(catalog.sort(byName));
    expect(scraped.sort(byName)).toEqual(catalog.map(({ name, type, help }) => ({ name, type, help })));
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('shows the same on the main port', async () => {
    await begin();
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('bridge_queue_size 7');
  });

  it('reads the state of the other stages when it is scraped', async () => {
    await begin();
    let text = await scrape();
    const expected = {
      bridge_queue_size: '7',
      bridge_queue_size_current: '7',
      bridge_queue_size_max: '7',
      'bridge_queue_waiting{class="MEDIUM"}': '4',
      'bridge_queue_parked{why="lock"}': '3',
      'bridge_queue_slots{lane="house"}': '10',
      bridge_queue_oldest_wait_seconds: '1.5',
      bridge_active_sessions: '1',
      bridge_session_pool_utilization: '25',
      'bridge_sessions{upstream="house",kind="plain",status="idle"}': '2',
      'bridge_sessions{upstream="house",kind="spare",status="starting"}': '1',
      'bridge_sessions{upstream="house",kind="dedicated",status="busy"}': '0',
      'bridge_calls_in_flight{upstream="house"}': '1',
      'bridge_circuit_breaker_state{upstream="house"}': '1',
      'bridge_cache_entries{level="l1"}': '5',
      bridge_shared_store_up: '1',
      bridge_redis_volatile: '1',
    };
    for (const [series, value] of Object.entries(expected)) expect([series, valueOf(text, series)]).toEqual([series, value]);

    stats = () => Promise.reject(new Error('away'));
    await app.close();
    await begin();
    text = await scrape();
    expect(valueOf(text, 'bridge_queue_size')).toBeUndefined();
    expect(valueOf(text, 'bridge_cache_entries{level="l1"}')).toBe('5');
  });

  it('answers to nothing but GET /metrics on its own listener', async () => {
    await begin();
    const at = `http://127.0.0.1:${String(app.get(MetricsListener).port)}`;
    expect((await fetch(`${at}/`)).status).toBe(404);
    expect((await fetch(`${at}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  it('starts all the same when its port is taken', async () => {
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    await begin((monitoring) => (monitoring.prometheusPort = (taken.address() as AddressInfo).port));
    expect(app.get(MetricsListener).port).toBeUndefined();
    taken.close();
  });

  it('shows nothing when it is switched off, and still knows how the bridge does', async () => {
    await begin((monitoring) => (monitoring.prometheusEnabled = false));
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
    expect(app.get(MetricsListener).port).toBeUndefined();
    expect(app.get(Performance).snapshot().requests_per_second).toBe(0);
  });
});
