/** Events a second over the window of a panel, all of them or for each value of the labels `by`. */
export function rate(counter, by) {
  const each = `(rate(${counter}[$__rate_interval]))`;
  return by ? `sum by (${by}) ${each}` : `sum${each}`;
}

/** What so large a share of the observations stayed below, in the unit of the histogram. */
export function quantile(share, histogram, by) {
  return `histogram_quantile(${share}, ${rate(`${histogram}_bucket`, by ? `le, ${by}` : 'le')})`;
}

/** 0 where nothing has happened yet: a counter with labels appears with its first event. */
export function orNothing(expression) {
  return `${expression} or vector(0)`;
}
