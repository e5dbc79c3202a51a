import { METRICS } from '../../../src/metrics/catalog.js';
import { said, withFile } from '../said.js';
import { asked, dashboards } from './dashboards.js';

const panels = dashboards.flatMap(({ file, panels }) => panels.map((panel) => [`${file}: ${panel.title}`, panel] as const));

/** On no panel, with the reason. */
const NOT_SHOWN: Readonly<Record<string, string>> = {
  bridge_queue_size_current: 'the same number as bridge_queue_size',
};

describe('Dashboards', () => {
  it('are what their source makes, in the stack and in the chart', () => {
    expect(said('node', 'tools/dashboards/write.mjs', '--check')).toEqual({ status: 0, text: '' });
  });

  it.each(panels)(
    'explain themselves and name no data source of their own: %s',
    (_, { title, description, targets, fieldConfig, ...panel }) => {
      expect(title).toMatch(/^[A-Z]/);
      expect(description).toMatch(/^\S.{5,}/);
      expect(fieldConfig?.defaults.unit).toMatch(/\S/);
      expect(panel.datasource?.uid).toBe('${source}');
      if (panel.type === 'timeseries') expect(panel.options?.legend?.showLegend).toBe(true);
      expect(targets?.length).toBeGreaterThan(0);
      for (const { expr, datasource } of targets ?? []) {
        expect(datasource.uid).toBe('${source}');
        expect(expr).not.toMatch(/\b(?:rate|irate)\([^[]*\[\d/);
      }
    },
  );

  it('ask only what Prometheus understands', () => {
    const expressions = panels.flatMap(([, { targets }]) => (targets ?? []).map(({ expr }) => asked(expr)));
    const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
    const text = JSON.stringify({ groups: [{ name: 'panels', rules }] });
    expect(withFile('panels.yaml', text, (file) => said('promtool', 'check', 'rules', file))).toMatchObject({ status: 0 });
  });

  it('show every metric there is, but for those with a reason', () => {
    const shown = panels.flatMap(([, { targets }]) => (targets ?? []).map(({ expr }) => expr)).join('\n');
    const missing = Object.keys(METRICS).filter((name) => !new RegExp(`\\b${name}(?:_bucket|_sum|_count)?\\b`).test(shown));
    expect(missing.sort()).toEqual(Object.keys(NOT_SHOWN).sort());
  });

  it('give facts of the shared store once, however many replicas tell them', () => {
    const cluster = /^bridge_queue_(?:size|limit|waiting|parked|running|slots|oldest_wait_seconds|stored_bytes)$/;
    for (const [name, { targets }] of panels) {
      for (const { expr } of targets ?? []) {
        const summed = [...expr.matchAll(/sum(?: by \([^)]*\))? \((bridge_\w+)\)/g)].map(([, metric]) => metric!);
        expect([name, summed.filter((metric) => cluster.test(metric))]).toEqual([name, []]);
      }
    }
  });
});
