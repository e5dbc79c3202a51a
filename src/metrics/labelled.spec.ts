import { Counter as TheirCounter, Histogram as TheirHistogram, register, Registry } from 'prom-client';
import { METRICS, type MetricName } from './catalog.js';
import { Counter } from './counter.js';
import { Histogram } from './histogram.js';

const ours = (name: MetricName) => register.getSingleMetricAsString(name);

/** What prom-client says of the same counts under the same name. */
async function theirs(name: MetricName, count: (registers: Registry[]) => void): Promise<string> {
  const registry = new Registry();
  count([registry]);
  return registry.getSingleMetricAsString(name);
}

describe('a metric kept in plain memory', () => {
  afterEach(() => register.clear());

  it('is scraped as the counter of prom-client would be', async () => {
    const name = 'bridge_tool_calls_total';
    const calls = [
      { upstream: 'house', tool: 'look', outcome: 'done' },
      { upstream: 'house', tool: 'a "quoted"\nname', outcome: 'failed' },
      { upstream: 'house', tool: 'look', outcome: 'done' },
    ];
    const counter = new Counter(name);
    for (const labels of calls) counter.inc(labels);
    const expected = theirs(name, (registers) => {
      const { help, labels } = METRICS[name];
      const their = new TheirCounter({ name, help, labelNames: labels, registers });
      for (const given of calls) their.inc(given);
    });
    expect(await ours(name)).toBe(await expected);
  });

  it('is scraped as the histogram of prom-client would be, on the bounds and beyond them', async () => {
    const name = 'bridge_queue_wait_time_seconds';
    const waits = [0, 0.001, 0.0011, 7, 30, 31];
    const histogram = new Histogram(name);
    for (const wait of waits) histogram.observe({ class: wait > 1 ? 'LOW' : 'HIGH' }, wait);
    const expected = theirs(name, (registers) => {
      const { help, labels, buckets } = METRICS[name];
      const their = new TheirHistogram({ name, help, labelNames: labels, buckets: [...buckets], registers });
      for (const wait of waits) their.observe({ class: wait > 1 ? 'LOW' : 'HIGH' }, wait);
    });
    expect(await ours(name)).toBe(await expected);
  });

  it('shows a counter without labels before anything was counted', async () => {
    new Counter('bridge_rate_limit_exceeded_total').inc({});
    new Counter('bridge_queue_aged_total');
    expect(await ours('bridge_rate_limit_exceeded_total')).toContain('\nbridge_rate_limit_exceeded_total 1');
    expect(await ours('bridge_queue_aged_total')).toContain('\nbridge_queue_aged_total 0');
  });
});
