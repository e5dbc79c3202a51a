/** The stages of a call that have a span of their own, beside the request and the hand-out in which they lie. */
export type Stage = 'plan' | 'cache' | 'queue' | 'mcp';

/** What a span says beside its name and its times; never arguments or results of a call. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** Where the time of one half of a call goes. Nobody holds one unless traces are kept: a call that is not followed pays nothing. */
export interface CallTrace {
  readonly traceId: string;
  /** W3C trace context of the stage entered last; what is done for it elsewhere hangs below it. */
  readonly traceparent: string;
  /** Ends the stage before, unless the new one lies in it. */
  enter(stage: Stage, facts?: SpanFacts): void;
  /** Ends a stage that was entered, and what lies in it. */
  leave(stage: Stage): void;
}
