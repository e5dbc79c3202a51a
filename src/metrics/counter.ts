import type { NameOf } from './catalog.js';
import { Labelled, type Labels, type Shown } from './labelled.js';

export class Counter<Name extends NameOf<'counter'>> extends Labelled<Name, { count: number }> {
  inc(labels: Labels<Name>, by = 1): void {
    this.of(labels).count += by;
  }

  protected override fresh() {
    return { count: 0 };
  }

  protected override show(labels: Labels<Name>, { count }: { readonly count: number }): readonly Shown[] {
    return [{ labels, value: count }];
  }
}
