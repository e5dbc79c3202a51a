/** A label value that is known beforehand, else `other`: callers must not be able to make up new time series. */
export function boundedLabel(value: string, known: ReadonlySet<string>): string {
  return known.has(value) ? value : 'other';
}
