import { Performance } from './performance.js';

describe(Performance.name, () => {
  it('tells mean, 95th percentile, rate and share of errors of the last 60 s', () => {
    let now = 0;
    const performance = new Performance({ now: () => now, after: () => () => undefined });
    for (let ms = 1; ms <= 100; ms++) {
      performance.record(ms, ms > 98);
      now += 100;
    }
    expect(performance.snapshot()).toEqual({
      avg_response_time_ms: 50.5,
      p95_response_time_ms: 95,
      requests_per_second: 1.667,
      error_rate: 0.02,
    });

    now += 60_000;
    expect(performance.snapshot()).toEqual({ avg_response_time_ms: 0, p95_response_time_ms: 0, requests_per_second: 0, error_rate: 0 });
  });
});
