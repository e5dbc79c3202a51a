import { Injectable, Optional } from '@nestjs/common';
import { AnswerCache } from '../cache/answer-cache.js';
import { BridgeError } from '../call/bridge-error.js';
import type { CallTrace, SpanFacts } from '../call/call-trace.js';
import { type Clock, systemClock } from '../call/clock.js';
import { isJsonObject, type JsonObject } from '../call/json.js';
import type { UpstreamRequest } from '../call/upstream-request.js';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import type { Job, Verdict } from '../queue/work-queue.js';
import type { Reply } from '../session-pool/reply.js';
import { type LentSession, SessionPool } from '../session-pool/session-pool.js';
import { CallTracer } from '../tracing/call-tracer.js';
import { CallNeed } from './call-need.js';
import { ChildDeaths } from './child-deaths.js';
import { UpstreamBreaker } from './upstream-breaker.js';
import { judge, type Sign, signInHurry } from './verdict.js';

/** The one deadline is the queue's, which a patient joiner may still move: it ends the call by the job's signal. */
const NO_OTHER = Number.POSITIVE_INFINITY;

/** The back half of a call's path: breaker, session, journal, upstream. Runs on whichever replica got the job. */
@Injectable()
export class CallExecutor {
  private readonly clock: Clock = systemClock;
  private readonly deaths = new ChildDeaths();

  constructor(
    private readonly breaker: UpstreamBreaker,
    private readonly pool: SessionPool,
    private readonly cache: AnswerCache,
    private readonly metrics: BridgeMetrics,
    @Optional() private readonly tracer?: CallTracer,
  ) {}

  /** Returns when the upstream has answered or can answer no more: until then the call's locks are held. */
  run(job: Job): Promise<Verdict> {
    const request = job.payload as unknown as UpstreamRequest;
    return this.tracer ? this.followed(job, request, this.tracer) : this.execute(job, request);
  }

  private async followed(job: Job, request: UpstreamRequest, tracer: CallTracer): Promise<Verdict> {
    const { server, kind, traceparent } = request;
    const trace = tracer.handedOut({ 'bridge.upstream': server, 'bridge.kind': kind, 'bridge.attempt': job.attempt }, traceparent);
    let failure: string | undefined = 'internal_error';
    try {
      const verdict = await this.execute(job, request, trace);
      failure = verdict.as === 'done' ? undefined : verdict.as;
      return verdict;
    } finally {
      trace.end(failure);
    }
  }

  private async execute(job: Job, request: UpstreamRequest, trace?: CallTrace): Promise<Verdict> {
    const admission = this.breaker.admit(request.server);
    if (admission instanceof BridgeError) return { as: 'failed', error: admission.body };

    const handedOutAt = this.clock.now();
    let sign: Sign;
    try {
      let child: number | undefined;
      const reply = await this.pool.use(request.server, new CallNeed(request), job.signal, (session) => {
        child = session.id;
        return this.send(session, job, request, handedOutAt, trace);
      });
      const judgement = judge(reply, request.kind, request.server, request.session);
      sign = this.deaths.news(isHurried(job, request) ? signInHurry(judgement.sign) : judgement.sign, child);
      return judgement.verdict;
    } finally {
      this.breaker.record(request.server, admission, sign);
    }
  }

  private async send(
    session: LentSession,
    job: Job,
    request: UpstreamRequest,
    handedOutAt: number,
    trace: CallTrace | undefined,
  ): Promise<Reply> {
    // this process may not live to do it afterwards
    void this.forget(request);
    if (!(await job.begin())) return { kind: 'cancelled', sent: false };
    const sentAt = this.clock.now();
    trace?.enter('mcp', factsOf(request));
    const reply = await this.exchange(session, job, request, handedOutAt, trace);
    if (reply.kind === 'result') trace?.leave('mcp');
    this.metrics.mcpResponseTime.observe({ upstream: request.server, tool: this.labelOf(request) }, (this.clock.now() - sentAt) / 1000);
    await this.forget(request);
    return reply;
  }

  /** What cannot be told now is told again by whoever answers the call, before he does. */
  private forget({ server, touches }: UpstreamRequest): Promise<void> | undefined {
    return touches.length > 0 ? this.cache.invalidate(server, touches, 'write') : undefined;
  }

  private labelOf({ server, method, params }: UpstreamRequest): string {
    return method === 'tools/call' && typeof params.name === 'string' ? this.pool.catalog(server).labelOf(params.name) : method;
  }

  private exchange(
    session: LentSession,
    job: Job,
    request: UpstreamRequest,
    handedOutAt: number,
    trace: CallTrace | undefined,
  ): Promise<Reply> {
    const { method, kind, holdMs } = request;
    if (method.endsWith('/list')) return session.list(method, job.signal);
    const params = tellBudget(request, job, job.remainingMs - (this.clock.now() - handedOutAt), trace?.traceparent);
    const options = { kind, deadline: NO_OTHER, holdMs, fence: () => job.held(), revoked: job.revoked };
    return session.call(method, params, options, job.signal);
  }
}

/** By its caller, or by the wait in the queue: less than half the usual time was left for the upstream. */
function isHurried({ remainingMs }: Job, { usualMs }: UpstreamRequest): boolean {
  return remainingMs < usualMs / 2;
}

/**
 * A server that knows the budget can answer before it is over, with words of its own instead of our timeout. The request
 * id it gets is the queue's, not the caller's: two principals may use the same one.
 */
function tellBudget({ params, requestId }: UpstreamRequest, { id }: Job, remainingMs: number, traceparent: string | undefined): JsonObject {
  const meta = isJsonObject(params._meta) ? params._meta : {};
  return {
    ...params,
    _meta: {
      ...meta,
      'bridge/remaining_ms': Math.floor(remainingMs),
      ...(requestId !== undefined && { 'bridge/request_id': id }),
      ...(traceparent !== undefined && { traceparent }),
    },
  };
}

/** A tool is named, what it is given is not. */
function factsOf({ method, params }: UpstreamRequest): SpanFacts {
  return {
    'mcp.method.name': method,
    ...(method === 'tools/call' && typeof params.name === 'string' && { 'gen_ai.tool.name': params.name }),
  };
}
