/** Of each figure of each series of samples. */
export function medians(measured) {
  return Object.fromEntries(
    Object.entries(measured).map(([name, samples]) => [
      name,
      Object.fromEntries(Object.keys(samples[0]).map((figure) => [figure, median(samples.map((sample) => sample[figure]))])),
    ]),
  );
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
