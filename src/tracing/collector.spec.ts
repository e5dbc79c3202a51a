import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { Collector } from './collector.js';

describe('Collector', () => {
  it('tells once that it is away and once that it is back', () => {
    let error: Error | undefined;
    const exporter = { export: (_: unknown, done: (result: object) => void) => done({ code: error ? 1 : 0, error }) };
    const told: string[] = [];
    const collector = new Collector(exporter as unknown as SpanExporter, (level) => told.push(level));
    const send = () => collector.export([], () => undefined);

    send();
    expect(told).toEqual([]);
    error = new Error('connect ECONNREFUSED');
    send();
    send();
    expect(told).toEqual(['WARNING']);
    error = undefined;
    send();
    send();
    expect(told).toEqual(['WARNING', 'INFO']);
  });
});
