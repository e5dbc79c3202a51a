import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { said, withFile } from '../said.js';
import { ALERT_CASES, type AlertCase, type Trend } from './alert-cases.js';

const RULES = resolve('docker/prometheus/alerts.yaml');
const REPLICAS = ['a', 'b', 'c'];
/** Minutes: well, then bad, then well again. Long enough for the slowest alert to fire and to end. */
const WELL = 130;
const BAD = 130;

interface Rule {
  readonly alert: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

const rules: readonly Rule[] = parse(readFileSync(RULES, 'utf8')).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);
const names = rules.map(({ alert }) => alert);

describe('Alerts', () => {
  it('are rules that Prometheus accepts, and each is tested', () => {
    expect(said('promtool', 'check', 'rules', RULES)).toMatchObject({ status: 0 });
    expect(Object.keys(ALERT_CASES).sort()).toEqual([...names].sort());
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s says what happened, how bad it is and what to do', (name, rule) => {
    expect(['critical', 'warning', 'info']).toContain(rule.labels.severity);
    expect(rule.annotations.summary).toMatch(/^[A-Z].{10,60}$/);
    expect(rule.annotations.description).toMatch(/\{\{|Redis|beyond|bridge/);
    const [file, anchor] = rule.annotations.runbook_url.split('#');
    const runbooks = readFileSync(file!, 'utf8');
    expect(anchor).toBe(name.toLowerCase());
    expect(runbooks).toMatch(new RegExp(`^## ${name}$`, 'm'));
  });

  it.each(Object.entries(ALERT_CASES))('%s fires when it should, not before, not on healthy data, and ends', (name, alert) => {
    const file = stringify({ rule_files: [RULES], evaluation_interval: '1m', tests: [unitTest(name, alert)] });
    const { status, text } = withFile('alert.test.yaml', file, (path) => said('promtool', 'test', 'rules', path));
    expect(text).toMatch(/SUCCESS/);
    expect(status).toBe(0);
  });
});

function unitTest(name: string, alert: AlertCase) {
  const input = Object.entries(alert.series).flatMap(([series, trends]) =>
    REPLICAS.map((replica) => ({ series: onReplica(series, replica), values: values(trends.well, trends.bad) })),
  );
  const count = (minute: number, value: number) => ({
    expr: `count(ALERTS{alertname="${name}",alertstate="firing"}) or vector(0)`,
    eval_time: `${minute}m`,
    exp_samples: [{ labels: '{}', value }],
  });
  const quiet = alert.for === 0 ? [] : [count(WELL + alert.for - 1, 0)];
  return {
    interval: '1m',
    input_series: input,
    promql_expr_test: [count(WELL - 1, 0), ...quiet, count(WELL + BAD - 1, alert.firing), count(WELL + BAD + alert.ends + 10, 0)],
  };
}

function onReplica(series: string, replica: string): string {
  const [, name, labels] = /^([a-z0-9_]+)(?:\{(.*)\})?$/.exec(series)!;
  return `${name}{${labels ? `${labels},` : ''}instance="${replica}"}`;
}

function values(well: Trend, bad: Trend): string {
  const isGauge = well.at !== undefined;
  let last = 0;
  const phase = (trend: Trend, minutes: number) => {
    const step = trend.step ?? 0;
    const first = isGauge ? (trend.at ?? 0) : last + step;
    last = first + step * (minutes - 1);
    return `${first}+${step}x${minutes - 1}`;
  };
  return [phase(well, WELL), phase(bad, BAD), phase(well, 130)].join(' ');
}
