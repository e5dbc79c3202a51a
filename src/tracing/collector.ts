import type { SpanExporter } from '@opentelemetry/sdk-trace';

type Export = SpanExporter['export'];

/** The way to the collector. It tells once when that goes away and once when it is back; spans of between are lost. */
export class Collector implements SpanExporter {
  private isAway = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly tell: (level: 'INFO' | 'WARNING', message: string, error?: Error) => void,
  ) {}

  export(...[spans, done]: Parameters<Export>): void {
    this.exporter.export(spans, (result) => {
      this.note(result.error);
      done(result);
    });
  }

  async shutdown(): Promise<void> {
    await this.exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  private note(error: Error | undefined): void {
    const isAway = error !== undefined;
    if (isAway === this.isAway) return;
    this.isAway = isAway;
    if (isAway) this.tell('WARNING', 'The collector of traces cannot be reached: spans are lost until it can', error);
    else this.tell('INFO', 'The collector of traces is back');
  }
}
