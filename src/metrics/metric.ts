import { Counter, Gauge, Histogram, register } from 'prom-client';
import { type LabelsOf, METRICS, type MetricName, type MetricSpec, type NameOf } from './catalog.js';

export function counter<Name extends NameOf<'counter'>>(name: Name): Counter<LabelsOf<Name>> {
  return known(name, Counter<LabelsOf<Name>>);
}

export function gauge<Name extends NameOf<'gauge'>>(name: Name): Gauge<LabelsOf<Name>> {
  return known(name, Gauge<LabelsOf<Name>>);
}

export function histogram<Name extends NameOf<'histogram'>>(name: Name): Histogram<LabelsOf<Name>> {
  return known(name, Histogram<LabelsOf<Name>>);
}

/** A metric's entry in the catalog, in the words of prom-client. */
export function configurationOf<Name extends MetricName>(name: Name) {
  const { help, labels = [], buckets }: MetricSpec = METRICS[name];
  return { name, help, labelNames: labels as readonly LabelsOf<Name>[], ...(buckets && { buckets: [...buckets] }) };
}

/** The registry is one per process: two applications in it, as in tests, share their metrics. */
function known<Name extends MetricName, M>(name: Name, Kind: new (configuration: ReturnType<typeof configurationOf<Name>>) => M): M {
  return (register.getSingleMetric(name) as M | undefined) ?? new Kind(configurationOf(name));
}
