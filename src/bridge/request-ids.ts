import { Injectable } from '@nestjs/common';
import type { CachedAnswer } from '../cache/cached-answer.js';
import { BridgeError } from '../call/bridge-error.js';
import type { CallPlan, CallResult } from '../call/call-plan.js';
import type { CallSignal } from '../call/call-signal.js';
import { hashOf } from '../call/canonical-json.js';
import { isJsonObject, type JsonObject } from '../call/json.js';
import { QUEUE_TIMES } from '../queue/queue-times.js';
import { QueueConfig } from '../queue/queue.config.js';
import { SharedState } from '../shared-state/shared-state.js';
import type { Ran } from './answer.js';
import { payloadHash } from './payload-hash.js';

/** As long as the queue replays a settled call. */
const { replayMs: REPLAY_MS } = QUEUE_TIMES;
/** Answers are kept in memory, one for each id: a larger one is asked for again. */
const MAX_KEPT_BYTES = 16_384;

type Load = (signal: CallSignal) => Promise<{ result: CallResult; extra: Ran }>;

/**
 * Makes a caller's request id name one payload and one answer. What runs through the queue is replayed by the queue;
 * an answer that came from the cache never met it and is kept here.
 */
@Injectable()
export class RequestIds {
  constructor(
    private readonly config: QueueConfig,
    private readonly shared: SharedState,
  ) {}

  /**
   * @param load runs the call, past every cache
   * @param answer gives the answer in the ordinary way, from a cache if it can
   * @throws BridgeError `request_id_reused` when the id named another payload before
   */
  once(plan: CallPlan, load: Load, answer: () => Promise<CachedAnswer<Ran>>, signal: CallSignal): Promise<CachedAnswer<Ran>> {
    const { requestId } = plan.call;
    if (requestId === undefined || !this.config.deduplicationEnabled) return answer();
    return this.onceAs(requestId, plan, load, answer, signal);
  }

  private async onceAs(
    requestId: string,
    plan: CallPlan,
    load: Load,
    answer: () => Promise<CachedAnswer<Ran>>,
    signal: CallSignal,
  ): Promise<CachedAnswer<Ran>> {
    const id = hashOf([plan.call.principal, requestId]);
    const first = await this.claimFor(plan, id, payloadHash(plan.call), requestId);
    if (plan.cache === undefined) return answer();
    if (!first) return this.replay(id, load, signal);

    const given = await answer();
    // what only stood in for the upstream's word is nobody's answer for good
    const isOwn = !given.stale && !given.fallback;
    if (given.loaded === undefined && isOwn) await this.keep(id, given.result);
    return given;
  }

  /** What fails here, fails before the call was brought to anybody. */
  private async claimFor(plan: CallPlan, id: string, payload: string, requestId: string): Promise<boolean> {
    try {
      return await this.claim(id, payload, requestId, REPLAY_MS + plan.deadline - performance.now());
    } catch (error) {
      if (error instanceof BridgeError && plan.kind !== 'read') throw error.with({ outcome: 'not_started' });
      throw error;
    }
  }

  private async claim(id: string, payload: string, requestId: string, ttlMs: number): Promise<boolean> {
    if (await this.shared.putIfAbsent(`request:${id}`, payload, ttlMs)) return true;
    const claimed = await this.shared.get(`request:${id}`);
    if (claimed === undefined || claimed === payload) return false;
    throw new BridgeError('request_id_reused', 'This request id was used with another payload', {
      request_id: requestId,
      outcome: 'not_started',
    });
  }

  private async replay(id: string, load: Load, signal: CallSignal): Promise<CachedAnswer<Ran>> {
    const kept = await this.shared.get(`answer:${id}`);
    if (isJsonObject(kept)) return { result: kept, cached: false, loaded: { attempts: 0, queuedMs: 0, ranMs: 0, replayed: true } };
    const { result, extra } = await load(signal);
    return { result, cached: false, loaded: extra };
  }

  /** An answer that cannot be kept is an answer all the same. */
  private async keep(id: string, result: JsonObject): Promise<void> {
    if (JSON.stringify(result).length > MAX_KEPT_BYTES) return;
    try {
      await this.shared.put(`answer:${id}`, result, REPLAY_MS);
    } catch (error) {
      if (!(error instanceof BridgeError && error.reason === 'store_away')) throw error;
    }
  }
}
