import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type * as api from '@opentelemetry/api';
import type { Context, Tracer } from '@opentelemetry/api';
import type { TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanFacts } from '../call/call-trace.js';
import { VERSION } from '../call/version.js';
import type { BridgeLogger } from '../logging/bridge-logger.js';
import { Collector } from './collector.js';
import { SpanTrace } from './span-trace.js';
import { spanContextOf } from './traceparent.js';
import type { TracingConfig } from './tracing.config.js';

type Api = typeof api;

/** An export that takes longer is given up. Only the next one waits for it, and the end of the process. */
const EXPORT_MS = 3000;

/** Follows calls through their stages. There is none unless `tracing.enabled`. */
export class CallTracer {
  private readonly requests = new WeakMap<IncomingMessage, SpanTrace>();

  private constructor(
    private readonly api: Api,
    private readonly provider: TracerProvider,
    private readonly tracer: Tracer,
  ) {}

  /** Loads OpenTelemetry. @param replica of the installation, to tell its processes apart */
  static async start(config: TracingConfig, replica: string, logger: Pick<BridgeLogger, 'event'>): Promise<CallTracer> {
    const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    const otlp = new OTLPTraceExporter({ url: config.endpoint, timeoutMillis: EXPORT_MS });
    const exporter = new Collector(otlp, (level, message, error) => logger.event(level, message, { error }));
    const provider = new sdk.TracerProvider({
      resource: resourceFromAttributes({
        'service.name': config.serviceName,
        'service.version': VERSION,
        'service.instance.id': replica,
      }),
      sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(config.sampleRatio) }),
      spanProcessors: [new sdk.BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_MS })],
    });
    return new CallTracer(api, provider, provider.getTracer('http-mcp-bridge', VERSION));
  }

  /** A request has come in; `of` gives its trace from now on. */
  received(request: IncomingMessage, method: string): SpanTrace {
    const trace = this.begin(method, { 'http.request.method': method }, request.headers.traceparent);
    this.requests.set(request, trace);
    return trace;
  }

  of(request: IncomingMessage): SpanTrace | undefined {
    return this.requests.get(request);
  }

  /** A call was handed out to this replica, whichever it was that accepted it. */
  handedOut(facts: SpanFacts, traceparent: string | undefined): SpanTrace {
    return this.begin('execute', facts, traceparent);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.race([this.provider.shutdown(), pause(EXPORT_MS, undefined, { ref: false })]);
  }

  private begin(name: string, facts: SpanFacts, traceparent: unknown): SpanTrace {
    return new SpanTrace(this.api, this.tracer, name, facts, this.below(traceparent));
  }

  private below(traceparent: unknown): Context {
    const { ROOT_CONTEXT, trace } = this.api;
    const parent = spanContextOf(traceparent);
    return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  }
}
