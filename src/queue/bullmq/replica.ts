import { Logger } from '@nestjs/common';
import type { Clock } from '../../call/clock.js';
import { inTime } from '../../call/in-time.js';
import type { Redis } from '../../redis/redis.js';
import type { Observe } from '../queue-observer.js';
import type { QueueConfig } from '../queue.config.js';
import { Retries } from '../retries.js';
import type { Readiness } from '../work-queue.js';
import { AcceptanceRequest } from './acceptance-request.js';
import { Acceptances } from './acceptances.js';
import { Claims } from './claims.js';
import type { ClusterTimes } from './cluster-times.js';
import { Departures } from './departures.js';
import type { Effects, Settlement } from './gate-answers.js';
import { EffectRelay } from './effect-relay.js';
import { Gate } from './gate.js';
import type { GateTimes } from './gate-times.js';
import { Leases } from './leases.js';
import { Losses } from './losses.js';
import { parseReplicaMessage } from './replica-message.js';
import { Replies } from './replies.js';
import { Reporter } from './reporter.js';
import { Runs } from './runs.js';
import type { Scheduler } from './scheduler.js';
import { RecordSigner } from './record-signer.js';
import { Sweeper } from './sweeper.js';
import { type Reply, WaitingCallers } from './waiting-callers.js';

export interface ReplicaOptions {
  readonly clock: Clock;
  readonly observe: Observe;
  readonly random: () => number;
  readonly times: ClusterTimes;
  readonly gateTimes: Partial<GateTimes>;
  readonly recordVersion?: number;
}

/** The parts of this process's side of the queue, and who hears whom. */
export class Replica {
  readonly gate: Gate;
  readonly runs: Runs;
  readonly claims: Claims;
  readonly acceptances: Acceptances;
  readonly sweeper: Sweeper;
  private readonly callers = new WaitingCallers();
  private readonly leases: Leases;
  private readonly departures: Departures;
  private readonly replies: Replies;
  private readonly losses: Losses;
  private readonly relay: EffectRelay;
  private readonly endings: (() => void)[] = [];
  private holders = 0;
  private readonly logger = new Logger('WorkQueue');

  constructor(
    private readonly redis: Redis,
    private readonly scheduler: Scheduler,
    config: QueueConfig,
    signingKey: string,
    slots: () => Readonly<Record<string, number>>,
    private readonly options: ReplicaOptions,
  ) {
    const { clock, times, observe, random, gateTimes, recordVersion } = options;
    const { callers } = this;
    const effects = (told: Effects, raisedBy?: 'joiner') => {
      this.relay.tell(told, raisedBy);
      if (told.hasRest) this.sweeper.soon();
    };
    const over = (settlement: Settlement) => this.replies.deliver(settlement);
    this.gate = new Gate(redis, gateTimes, (name, ms) => observe({ is: 'script', name, ms }));
    this.relay = new EffectRelay(scheduler, observe);
    this.leases = new Leases(clock, times, (held) => this.gate.renew(held));
    const settled = (reply: Reply) => callers.settle(reply);
    const heardAt = () => this.sweeper.heardAt;
    const reporter = new Reporter(this.gate, clock, times, observe, { settled, effects, heardAt });
    this.runs = new Runs(clock, times, this.gate, this.leases, new Retries(config.maxRetries, random), reporter, observe);
    const signer = new RecordSigner(signingKey, recordVersion);
    this.claims = new Claims(this.gate, signer, clock, observe, { effects, settled, noEpoch: () => this.sweeper.soon() });
    this.departures = new Departures(this.gate, callers, times, {
      effects,
      over,
      withdrawn: (id) => this.stopRun(id),
      hasBegun: (id) => this.runs.find(id)?.begun === true,
      overdue: (id) => this.lookAt(id),
    });
    const request = new AcceptanceRequest(signer, config, redis.replica);
    this.acceptances = new Acceptances(this.gate, request, callers, this.departures, clock, times, random, observe, {
      serverNow: () => redis.serverNow(),
      readClock: () => redis.readClock(),
      epoch: () => this.sweeper.epoch,
      sweep: () => this.sweeper.sweep(),
      effects,
      over,
    });
    this.losses = new Losses(callers, clock, times, observe, {
      isRunning: (id) => this.runs.find(id) !== undefined,
      bringAgain: (lost) => this.acceptances.bringAgain(lost),
    });
    this.replies = new Replies(this.gate, callers, clock, times, observe, {
      cancelled: (id, holder) => this.stopRun(id, holder),
      missing: (id) => this.losses.notice(id),
      isBeingTold: (id) => this.runs.find(id)?.isTelling === true,
    });
    this.sweeper = new Sweeper(this.gate, clock, times, random, observe, {
      slots,
      effects,
      ended: (lane) => void this.bury(lane),
      recall: () => this.recall(reporter),
      newEpoch: () => void this.replies.reconcile(),
    });
  }

  /** Resolves when Redis was asked once, whatever it said. */
  async start(): Promise<void> {
    const { channels } = this.redis;
    this.endings.push(
      channels.subscribe(
        this.gate.channel,
        (message) => void this.replies.hear(parseReplicaMessage(message)),
        () => void this.replies.reconcile(),
      ),
      this.redis.onReady(() => void this.reconnected()),
    );
    this.leases.start();
    this.sweeper.start();
    this.replies.start();
    await this.sweeper.sweep();
  }

  /** One name for each hand-out: whoever had an earlier one is not this one. */
  nextHolder(): string {
    this.holders += 1;
    return `${this.redis.replica}#${this.holders}`;
  }

  ready(): Readiness {
    const redis = this.redis.ready();
    if (!redis.ok) return redis;
    if (this.sweeper.foreignSchema !== undefined) return { ok: false, reason: 'Replicas of another version keep this Redis' };
    const heardAt = Math.max(this.sweeper.lastAt, this.leases.lastRenewAt);
    if (this.sweeper.epoch === undefined || this.options.clock.now() - heardAt > this.options.times.silentMs) {
      return { ok: false, reason: 'Redis has not answered the queue yet' };
    }
    return { ok: true };
  }

  /** Lets what runs end, then ends it; callers here wait so long for what others run. */
  async drain(over: AbortSignal): Promise<void> {
    await Promise.all([this.runs.drain(() => true, over), this.callers.whenNone(over)]);
    await this.departures.closing();
  }

  /** After it nothing of ours is left in Redis that others would wait for. */
  async close(): Promise<void> {
    const { answerMs } = this.options.times;
    await inTime(this.scheduler.flush(), answerMs);
    this.sweeper.close();
    this.replies.close();
    this.leases.close();
    this.losses.close();
    for (const end of this.endings.splice(0)) end();
    await inTime(this.gate.retire(), answerMs);
    await this.scheduler.close();
  }

  /** What we hold is renewed first: a sweep may find its leases over. */
  private async reconnected(): Promise<void> {
    await this.leases.renew();
    await this.sweeper.sweep();
    await this.replies.reconcile();
  }

  private async recall(reporter: Reporter): Promise<boolean> {
    if (!(await this.leases.renew())) return false;
    await reporter.tellAgain();
    return true;
  }

  /** What fails now is told again by a later sweep. */
  private async bury(lane: string): Promise<void> {
    try {
      await this.scheduler.remove(lane);
      await this.gate.forgetLane(lane);
    } catch (error) {
      this.logger.debug(`Lane ${lane} is still there: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async lookAt(id: string): Promise<void> {
    const run = this.runs.find(id);
    if (run) await this.runs.look(run);
  }

  private stopRun(id: string, holder?: string): void {
    const run = this.runs.find(id, holder);
    if (run) this.runs.abort(run, 'cancelled');
  }
}
