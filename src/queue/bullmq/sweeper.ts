import { Logger } from '@nestjs/common';
import type { Clock } from '../../call/clock.js';
import type { Observe } from '../queue-observer.js';
import type { ClusterTimes } from './cluster-times.js';
import type { Effects, SweepAnswer } from './gate-answers.js';
import type { Gate } from './gate.js';

export interface SweepEvents {
  slots(): Readonly<Record<string, number>>;
  effects(effects: Effects): void;
  /** Nobody will run anything there any more. */
  ended(lane: string): void;
  /** What this replica holds, and what it ended lately, is to be told again. @returns false when Redis did not hear it */
  recall(): Promise<boolean>;
  /** Redis may have forgotten something that it knew. */
  newEpoch(): void;
}

/** More than that at once, and the rest waits for the next sweep. */
const ROUNDS = 20;

/** Says twice a second that this replica lives, and mends what time and dead replicas left behind. */
export class Sweeper {
  /** What Redis remembers goes by this name; undefined before the first sweep. */
  epoch?: string;
  foreignSchema?: string;
  lastAt = Number.NEGATIVE_INFINITY;
  /** When the last sweep was sent that Redis answered under the epoch that is known here: then it had forgotten nothing yet. */
  heardAt = Number.NEGATIVE_INFINITY;
  /** The epoch of whose roll call the log and the counters know. */
  private toldOf?: string;
  private stopNext?: () => void;
  private sweeping?: Promise<void>;
  private isClosed = false;
  private readonly logger = new Logger('WorkQueue');

  constructor(
    private readonly gate: Gate,
    private readonly clock: Clock,
    private readonly times: Pick<ClusterTimes, 'sweepMs' | 'sweepJitterMs'>,
    private readonly random: () => number,
    private readonly observe: Observe,
    private readonly on: SweepEvents,
  ) {}

  start(): void {
    this.plan();
  }

  /** One at a time; whoever asks during one gets that one. Never rejects. */
  sweep(): Promise<void> {
    this.sweeping ??= this.sweepAll().finally(() => (this.sweeping = undefined));
    return this.sweeping;
  }

  /** Something that it reports has changed. */
  soon(): void {
    if (this.isClosed) return;
    if (this.sweeping) void this.sweeping.then(() => this.sweep());
    else void this.sweep();
  }

  close(): void {
    this.isClosed = true;
    this.stopNext?.();
  }

  private plan(): void {
    const { sweepMs, sweepJitterMs } = this.times;
    this.stopNext = this.clock.after(sweepMs + sweepJitterMs * (2 * this.random() - 1), () => {
      void this.sweep().finally(() => {
        if (!this.isClosed) this.plan();
      });
    });
  }

  private async sweepAll(): Promise<void> {
    try {
      for (let round = 0; round < ROUNDS && !this.isClosed; round += 1) if (!(await this.sweepOnce())) return;
    } catch (error) {
      this.logger.debug(`No sweep: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** @returns whether there is more to do */
  private async sweepOnce(): Promise<boolean> {
    const sentAt = this.clock.now();
    const answer = await this.gate.sweep({ slots: this.on.slots(), ...(this.epoch !== undefined && { epoch: this.epoch }) });
    switch (answer.as) {
      case 'swept':
        this.lastAt = sentAt;
        if (answer.epoch === this.epoch) this.heardAt = sentAt;
        this.foreignSchema = undefined;
        await this.conclude(answer);
        return answer.more;
      case 'foreign_schema':
        if (this.foreignSchema === undefined) this.logger.error(`Replicas of another version keep this Redis (schema ${answer.schema})`);
        this.foreignSchema = answer.schema;
        return false;
      default:
        return answer satisfies never;
    }
  }

  private async conclude(answer: SweepAnswer & { as: 'swept' }): Promise<void> {
    for (const [what, count] of Object.entries(answer.swept)) {
      if (count > 0) this.observe({ is: 'swept', what, count });
    }
    if (answer.opened && answer.epoch !== this.toldOf) this.tellRollCall(answer.opened);
    if (answer.opened) this.toldOf = answer.epoch;
    this.on.effects(answer.effects);
    for (const lane of answer.ended) this.on.ended(lane);
    if (answer.epoch !== this.epoch) await this.enter(answer.epoch);
  }

  /** What we know goes back into the records before we count as heard: then only the next sweep knows the new epoch. */
  private async enter(epoch: string): Promise<void> {
    const isFirst = this.epoch === undefined;
    if (!(await this.on.recall())) return;
    this.epoch = epoch;
    if (!isFirst) this.on.newEpoch();
  }

  private tellRollCall(why: 'restart' | 'emptied' | 'lost_tail'): void {
    this.observe({ is: 'roll_call', why });
    if (why === 'restart') this.logger.warn('Redis was restarted: no write begins before all replicas were heard');
    else this.logger.error(`Redis has lost data (${why}): request ids are forgotten, and writes wait for all replicas`);
  }
}
