import { type Metric, register } from 'prom-client';
import { type LabelsOf, METRICS, type MetricName, type MetricSpec } from './catalog.js';

export type Labels<Name extends MetricName> = Readonly<Record<LabelsOf<Name>, string>>;

/** One line of a scrape; its name is the metric's own when absent. */
export interface Shown {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A metric that is counted in plain memory and written out when it is scraped. A call touches a dozen of them, and those of
 * prom-client check and hash their label names each time: 7 µs a call.
 */
export abstract class Labelled<Name extends MetricName, State> {
  readonly aggregator = 'sum';
  readonly help: string;
  readonly type: MetricSpec['type'];
  private readonly names: readonly LabelsOf<Name>[];
  private readonly series = new Map<string, { readonly labels: Labels<Name>; readonly state: State }>();

  constructor(readonly name: Name) {
    const { help, type, labels = [] }: MetricSpec = METRICS[name];
    this.help = help;
    this.type = type;
    this.names = labels as readonly LabelsOf<Name>[];
    register.registerMetric(this as unknown as Metric);
  }

  /** What prom-client asks for at a scrape. */
  get() {
    if (this.names.length === 0) this.of({} as Labels<Name>); // shown before it is first counted
    const { name, help, type, aggregator } = this;
    const values = [...this.series.values()].flatMap(({ labels, state }) => this.show(labels, state));
    return Promise.resolve({ name, help, type, aggregator, values });
  }

  protected abstract fresh(): State;

  protected abstract show(labels: Labels<Name>, state: State): readonly Shown[];

  protected of(labels: Labels<Name>): State {
    let key = '';
    for (const name of this.names) key += `${labels[name]}\n`;
    const known = this.series.get(key);
    if (known) return known.state;
    const state = this.fresh();
    this.series.set(key, { labels, state });
    return state;
  }
}
