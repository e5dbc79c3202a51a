import { Gauge, register } from 'prom-client';
import { type LabelsOf, METRICS, type MetricName, type MetricSpec, type NameOf } from './catalog.js';
import { Counter } from './counter.js';
import { Histogram } from './histogram.js';

export function counter<Name extends NameOf<'counter'>>(name: Name): Counter<Name> {
  return known(name, () => new Counter(name));
}

export function gauge<Name extends NameOf<'gauge'>>(name: Name): Gauge<LabelsOf<Name>> {
  return known(name, () => new Gauge(configurationOf(name)));
}

export function histogram<Name extends NameOf<'histogram'>>(name: Name): Histogram<Name> {
  return known(name, () => new Histogram(name));
}

/** A metric's entry in the catalog, in the words of prom-client. */
export function configurationOf<Name extends MetricName>(name: Name) {
  const { help, labels = [], over }: MetricSpec = METRICS[name];
  return { name, help, aggregator: over ?? ('sum' as const), labelNames: labels as readonly LabelsOf<Name>[] };
}

/** The registry is one per process: two applications in it, as in tests, share their metrics. */
function known<M>(name: MetricName, make: () => M): M {
  return (register.getSingleMetric(name) as M | undefined) ?? make();
}
