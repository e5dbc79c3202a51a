import { METRICS, type NameOf } from './catalog.js';
import { Labelled, type Labels, type Shown } from './labelled.js';

interface Distribution {
  /** One for each bound, and one for what lies above the last. */
  readonly buckets: number[];
  count: number;
  sum: number;
}

export class Histogram<Name extends NameOf<'histogram'>> extends Labelled<Name, Distribution> {
  private readonly bounds: readonly number[];

  constructor(name: Name) {
    super(name);
    this.bounds = METRICS[name].buckets;
  }

  observe(labels: Labels<Name>, value: number): void {
    const distribution = this.of(labels);
    let place = 0;
    for (const bound of this.bounds) {
      if (value <= bound) break;
      place += 1;
    }
    distribution.buckets[place] = (distribution.buckets[place] ?? 0) + 1;
    distribution.count += 1;
    distribution.sum += value;
  }

  protected override fresh(): Distribution {
    return { buckets: [...this.bounds.map(() => 0), 0], count: 0, sum: 0 };
  }

  /** Each bucket holds the smaller ones too. */
  protected override show(labels: Labels<Name>, { buckets, count, sum }: Distribution): readonly Shown[] {
    let below = 0;
    const bucket = (le: number | string, value: number) => ({ metricName: `${this.name}_bucket`, labels: { le, ...labels }, value });
    return [
      ...this.bounds.map((bound, place) => bucket(bound, (below += buckets[place] ?? 0))),
      bucket('+Inf', count),
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}
