import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AnswerCache, type Load } from '../cache/answer-cache.js';
import type { CachedAnswer } from '../cache/cached-answer.js';
import { BridgeError } from '../call/bridge-error.js';
import type { CacheControl, CallPlan, CallResult, Wishes } from '../call/call-plan.js';
import type { CallSignal } from '../call/call-signal.js';
import { hashOf } from '../call/canonical-json.js';
import type { Json } from '../call/json.js';
import { mayHaveHappened, type Outcome } from '../call/outcome.js';
import type { ToolCall } from '../call/tool-call.js';
import type { UpstreamRequest } from '../call/upstream-request.js';
import { Prospects } from '../execution/prospects.js';
import { BridgeMetrics } from '../metrics/bridge-metrics.js';
import { Policy } from '../policy/policy.js';
import { laneAt } from '../queue/lane-name.js';
import { type JobKey, type Ticket, WorkQueue } from '../queue/work-queue.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { Replicas } from '../shared-state/replicas.js';
import type { Answer, Ran } from './answer.js';
import { CallRecord } from './call-record.js';
import { resultOf } from './outcome-result.js';
import { OwnerWatch } from './owner-watch.js';
import { payloadHash } from './payload-hash.js';
import { RequestIds } from './request-ids.js';
import { WaitingLine } from './waiting-line.js';

/** The front half of a call's path: plan, remember, submit, answer. */
@Injectable()
export class BridgeService {
  constructor(
    private readonly policy: Policy,
    private readonly cache: AnswerCache,
    private readonly prospects: Prospects,
    private readonly queue: WorkQueue,
    private readonly pool: SessionPool,
    private readonly requestIds: RequestIds,
    private readonly record: CallRecord,
    private readonly metrics: BridgeMetrics,
    private readonly line: WaitingLine,
    private readonly replicas: Replicas,
  ) {}

  /**
   * @param share whose turn it counts as, in the queue's fair share
   * @param signal aborts when the caller leaves
   * @throws BridgeError for every ending but `done`
   */
  async call(call: ToolCall, wishes: Wishes, share: string, signal: CallSignal): Promise<Answer> {
    const tool = this.knownTool(call);
    call.trace?.enter('plan');
    const plan = this.policy.plan(call, wishes, tool);
    const load = (leaves: CallSignal) => this.run(plan, share, leaves);
    call.trace?.enter('cache');
    const given = await this.requestIds.once(plan, load, () => this.remembered(plan, wishes.cacheControl, load, signal), signal);
    call.trace?.leave('cache');
    const answer = this.labelled(call, given);
    if (answer.stale) this.metrics.staleAnswers.inc({ upstream: call.server });
    return { ...answer, plan };
  }

  private async remembered(plan: CallPlan, control: CacheControl, load: Load<Ran>, signal: CallSignal): Promise<CachedAnswer<Ran>> {
    const given = await this.cache.remember(plan, control, load, signal);
    if (plan.call.method !== 'tools/list' || !given.cached || !this.pool.catalog(plan.call.server).contradicts(given.result)) return given;
    // other replicas stored it, over a server that was there before ours
    return this.cache.remember(plan, { ...control, noCache: true }, load, signal);
  }

  /** The tools of an upstream that is away may be others when it comes back, however fresh their list is. */
  private labelled({ server, method }: ToolCall, given: CachedAnswer<Ran>): CachedAnswer<Ran> {
    const { result, cached, ageMs } = given;
    if (method !== 'tools/list' || ageMs === undefined || !this.pool.catalog(server).stale) return given;
    return { result, cached, stale: { ageMs } };
  }

  /** A tool that the catalog does not know is refused before it can wait for anything. */
  private knownTool({ server, method, name }: ToolCall) {
    const catalog = this.pool.catalog(server);
    if (method !== 'tools/call' || name === undefined || !catalog.knows()) return undefined;
    const tool = catalog.find(name);
    if (tool) return tool;
    throw new BridgeError('invalid_params', `Unknown tool: ${name}`, { tool: name, outcome: 'not_started' });
  }

  private async run(plan: CallPlan, share: string, signal: CallSignal): Promise<{ result: CallResult; extra: Ran }> {
    const watch = this.watchOf(plan, signal);
    let ticket: Ticket | undefined;
    try {
      this.checkProspects(plan);
      plan.call.trace?.enter('queue', { 'bridge.kind': plan.kind, 'bridge.priority': plan.priority });
      ticket = await this.queue.submit(jobOf(plan, share), watch?.leaving ?? signal);
      const outcome = await ticket.outcome;
      this.record.settled(plan, ticket, outcome);
      watch?.ended(outcome, plan.kind);
      await this.announce(plan, outcome);
      const { attempts, queuedMs, ranMs } = outcome;
      return { result: resultOf(outcome, plan.kind), extra: { attempts, queuedMs, ranMs, replayed: isRepeat(plan, ticket) } };
    } catch (error) {
      if (!ticket) this.record.refused(plan, error);
      throw await this.line.explain(error, plan.call.server);
    } finally {
      watch?.close();
    }
  }

  /** Wherever it ran and whoever settled it, be it that its replica died: he who answers a write tells of it first. */
  private async announce({ call, touches, deadline }: CallPlan, outcome: Outcome): Promise<void> {
    if (touches.length > 0 && mayHaveHappened(outcome)) await this.cache.announce(call.server, touches, deadline);
  }

  private watchOf({ call: { owner, session } }: CallPlan, signal: CallSignal): OwnerWatch | undefined {
    return owner === undefined || owner === this.replicas.id ? undefined : new OwnerWatch(this.replicas, owner, session, signal);
  }

  /** Nothing queues up for an upstream that is known to be away. */
  private checkProspects({ kind, call }: CallPlan): void {
    const refusal = this.prospects.refusal(call.server, laneOf(call));
    if (refusal) throw kind === 'read' ? refusal : refusal.with({ outcome: 'not_started' });
  }
}

function jobOf(plan: CallPlan, share: string) {
  const { call, priority, locks, holdMs, usualMs, retry } = plan;
  const kind = plan.kind === 'read' ? ('read' as const) : ('write' as const);
  const request: UpstreamRequest = {
    server: call.server,
    method: call.method,
    params: call.params,
    kind,
    holdMs,
    usualMs,
    touches: plan.touches,
    ...(call.client !== undefined && { client: call.client, ...(call.session !== undefined && { session: call.session }) }),
    ...(call.requestId !== undefined && { requestId: call.requestId }),
    ...(call.trace && { traceparent: call.trace.traceparent }),
  };
  return {
    key: keyOf(plan),
    lane: laneOf(call),
    kind,
    priority,
    share,
    payload: request as unknown as Json,
    locks,
    budgetMs: plan.deadline - performance.now(),
    holdMs,
    ...(kind === 'read' && { retry }),
  };
}

function laneOf({ server, owner }: ToolCall): string {
  return owner === undefined ? server : laneAt(server, owner);
}

/** Whether the caller's own request id had been used before, be it settled or still under way. */
function isRepeat({ call }: CallPlan, { how }: Ticket): boolean {
  return how === 'replayed' || (how === 'joined' && call.requestId !== undefined);
}

/** Who named his call gets one execution of it; equal reads that the cache may share are one; all else stands alone. */
function keyOf({ call, cache }: CallPlan): JobKey {
  const { principal, requestId } = call;
  if (requestId !== undefined) return { as: 'client', id: hashOf([principal, requestId]), hash: payloadHash(call) };
  if (cache) return { as: 'shared', id: cache.key };
  return { as: 'once', id: randomUUID() };
}
