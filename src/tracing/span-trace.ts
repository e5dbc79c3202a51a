import type * as api from '@opentelemetry/api';
import type { Context, Span, SpanKind, Tracer } from '@opentelemetry/api';
import type { CallTrace, SpanFacts, Stage } from '../call/call-trace.js';

/** As much of the API as makes spans; handed in, since it is loaded only where traces are kept. */
export type Api = Pick<typeof api, 'SpanKind' | 'SpanStatusCode' | 'trace'>;

/** The stage in which another lies; the others lie in the root. */
const WITHIN: Readonly<Partial<Record<Stage, Stage>>> = { queue: 'cache' };

interface OpenSpan {
  readonly stage?: Stage;
  readonly span: Span;
  readonly context: Context;
}

/** The spans of one half of a call: a root and, one in another or one after another, its stages. */
export class SpanTrace implements CallTrace {
  private readonly root: OpenSpan;
  private readonly stages: OpenSpan[] = [];

  constructor(
    private readonly api: Api,
    private readonly tracer: Tracer,
    name: string,
    facts: SpanFacts,
    parent: Context,
  ) {
    this.root = this.begin(name, facts, parent, api.SpanKind.SERVER);
  }

  get traceId(): string {
    return this.root.span.spanContext().traceId;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.innermost.span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  enter(stage: Stage, facts: SpanFacts = {}): void {
    while (this.stages.length > 0 && this.stages.at(-1)?.stage !== WITHIN[stage]) this.endStage();
    const kind = stage === 'mcp' ? this.api.SpanKind.CLIENT : this.api.SpanKind.INTERNAL;
    this.stages.push({ ...this.begin(stage, facts, this.innermost.context, kind), stage });
  }

  leave(stage: Stage): void {
    while (this.stages.length > 0 && this.stages.at(-1)?.stage !== stage) this.endStage();
    this.endStage();
  }

  /**
   * Ends all that is open.
   * @param failure in a word; absent when it went well
   */
  end(failure?: string, facts: SpanFacts = {}, name?: string): void {
    while (this.stages.length > 0) this.endStage(failure);
    const { span } = this.root;
    if (name !== undefined) span.updateName(name);
    span.setAttributes(facts);
    this.finish(span, failure);
  }

  private get innermost(): OpenSpan {
    return this.stages.at(-1) ?? this.root;
  }

  private begin(name: string, attributes: SpanFacts, parent: Context, kind: SpanKind): OpenSpan {
    const span = this.tracer.startSpan(name, { kind, attributes }, parent);
    return { span, context: this.api.trace.setSpan(parent, span) };
  }

  private endStage(failure?: string): void {
    const stage = this.stages.pop();
    if (stage) this.finish(stage.span, failure);
  }

  private finish(span: Span, failure?: string): void {
    if (failure !== undefined) span.setStatus({ code: this.api.SpanStatusCode.ERROR }).setAttribute('error.type', failure);
    span.end();
  }
}
