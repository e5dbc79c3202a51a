import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { aCluster, type Cluster, untilReady } from '../../support/a-cluster.js';
import { eventually } from '../../support/eventually.js';
import { said, withFile } from '../said.js';
import { asked, dashboards } from './dashboards.js';
import { aPrometheus, type Prometheus, type Sample } from './prometheus.js';
import { settings, Traffic } from './traffic.js';

const KEYS = Array.from({ length: 8 }, (_, n) => `key-of-caller-${n}-${'x'.repeat(32)}`);
const METRICS_ON = { BRIDGE__MONITORING__PROMETHEUS_ENABLED: 'true', BRIDGE__MONITORING__PROMETHEUS_PORT: '0' };
const FOUND_MS = 100_000;
/** Its series begins with the first loss, which not every emptied Redis brings about; promtool's tests show when it fires. */
const RARE = new Set(['BridgeQueueDataLoss']);
/** A sample; `npm run test:security` sends 100,000 to one replica. */
const MADE_UP = 1000;

/** prom-client's own: numbers that go up and down and are called totals. */
const NOT_OURS = /^nodejs_active_(?:handles|requests|resources)_total /;

const panels = dashboards.flatMap(({ file, panels }) =>
  panels.flatMap(({ title, targets }) => (targets ?? []).map(({ expr }) => [`${file}: ${title}`, asked(expr, '5m')] as const)),
);
const alerts: readonly { alert: string; expr: string }[] = parse(readFileSync('docker/prometheus/alerts.yaml', 'utf8')).groups.flatMap(
  ({ rules }: { rules: object[] }) => rules,
);

describe('Three replicas under traffic of every kind', () => {
  let cluster: Cluster;
  let prometheus: Prometheus;
  let traffic: Traffic;

  beforeAll(async () => {
    const keys = KEYS.map((key, n) => ({ name: `caller-${n}`, sha256: hash('sha256', key) }));
    cluster = await aCluster({ settings: (folder) => settings(folder, keys), env: METRICS_ON });
    prometheus = await aPrometheus(
      cluster.replicas.map(({ port }) => `127.0.0.1:${port}`),
      KEYS[0]!,
    );
    const urls = cluster.replicas.map(({ url }) => url);
    traffic = new Traffic(cluster.folder, urls, KEYS);
    await scraped();
  }, 180_000);
  afterAll(async () => {
    await prometheus.close();
    await cluster.close();
  }, 60_000);

  /** Goes on until each of them has been seen, and tells those that never were. */
  const emptyAfterTraffic = async (expressions: readonly (readonly [string, string])[]) => {
    const until = performance.now() + FOUND_MS;
    for (;;) {
      await traffic.round();
      const empty = await without(expressions, prometheus);
      if (empty.length === 0 || performance.now() > until) return empty;
    }
  };
  /** Of all replicas, by name and labels. */
  const series = async () => {
    const scrapes = await Promise.all(cluster.replicas.map(({ url }) => scrape(url)));
    const lines = scrapes.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('bridge_'));
    return lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
  };
  const scraped = () =>
    eventually(
      () => prometheus.ask('sum(up)'),
      ([sum]) => sum?.value === 3,
      60_000,
    );

  it('give every panel a finite value', async () => {
    await traffic.storm();
    expect(await emptyAfterTraffic(panels)).toEqual([]);
    const met = [...traffic.statuses.keys()].sort();
    expect(met).toEqual([200, 400, 401, 404, 429, 502, 503, 504]);
  }, 180_000);

  it('show every alert the series that it judges', async () => {
    await cluster.redis.kill();
    // with nothing on disk: a Redis that forgot what it had
    await cluster.redis.restart({ appendonly: 'no', appendfilename: 'another.aof', appenddirname: 'elsewhere' });
    await Promise.all(cluster.replicas.map(({ url }) => untilReady(url)));
    const judged = alerts.filter(({ alert }) => !RARE.has(alert)).map(({ alert, expr }) => [alert, verdictOf(expr)] as const);
    expect(await emptyAfterTraffic(judged)).toEqual([]);
    const healthy = (await prometheus.rules()).filter(({ health }) => health === 'ok');
    expect(new Set(healthy.map(({ name }) => name))).toEqual(new Set(alerts.map(({ alert }) => alert)));
  }, 180_000);

  it(`have no more series after ${MADE_UP} names that callers made up`, async () => {
    await traffic.makeUp(200);
    const before = new Set(await series());
    await traffic.makeUp(MADE_UP);
    expect((await series()).filter((name) => !before.has(name))).toEqual([]);
  }, 400_000);

  it('say what promtool has nothing against', async () => {
    const { text } = withFile('scrape.txt', await scrape(cluster.replicas[0]!.url), (file) =>
      said('sh', '-c', `promtool check metrics < ${file}`),
    );
    expect(text.split('\n').filter((line) => line !== '' && !NOT_OURS.test(line))).toEqual([]);
  });
});

async function scrape(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${KEYS[0]}` } });
  return response.text();
}

/** Names of those that nothing can be said of at the moment. */
async function without(expressions: readonly (readonly [string, string])[], prometheus: Prometheus): Promise<readonly string[]> {
  const empty: string[] = [];
  for (const [name, expression] of expressions) {
    if (!(await prometheus.ask(expression)).some(isFinite)) empty.push(`${name}: ${expression}`);
  }
  return empty;
}

function isFinite({ value }: Sample): boolean {
  return Number.isFinite(value);
}

/** The alert's condition as 0 or 1 for each series, where the rule itself keeps only those for which it holds. */
function verdictOf(expression: string): string {
  return expression.replace(/(==|>|<)\s*(?=\d)/g, '$1 bool ');
}
