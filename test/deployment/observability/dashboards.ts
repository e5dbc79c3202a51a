import { readdirSync, readFileSync } from 'node:fs';

export interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly options?: { readonly legend?: { readonly showLegend: boolean } };
}

const FOLDER = 'docker/grafana/dashboards';

export const dashboards = readdirSync(FOLDER).map((file) => {
  const { title, uid, panels } = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as { title: string; uid: string; panels: Panel[] };
  return { file, title, uid, panels: panels.filter(({ type }) => type !== 'row') };
});

/** What Grafana would ask Prometheus, with a window of a minute. */
export function asked(expression: string, window = '1m'): string {
  return expression.replaceAll('$__rate_interval', window);
}
