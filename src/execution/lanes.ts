import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Performance } from '../metrics/performance.js';
import { laneAt } from '../queue/lane-name.js';
import { type Consumer, type Job, type QueueStats, type Verdict, WorkQueue } from '../queue/work-queue.js';
import { SessionPool } from '../session-pool/session-pool.js';
import type { UpstreamConfig } from '../session-pool/upstream.config.js';
import { Replicas } from '../shared-state/replicas.js';
import { CallExecutor } from './call-executor.js';
import { type Prospect, Prospects } from './prospects.js';
import { UpstreamBreaker } from './upstream-breaker.js';

const LOOK_EVERY_MS = 1000;

/** One lane of the queue per upstream, as wide as its sessions can carry; of this replica alone where clients have children here. */
@Injectable()
export class Lanes implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly lanes = new Map<string, Lane>();
  /** As the queue last told it. */
  private waiting: QueueStats['lanes'] = {};
  private looking?: NodeJS.Timeout;

  constructor(
    private readonly config: Config,
    private readonly queue: WorkQueue,
    private readonly pool: SessionPool,
    private readonly breaker: UpstreamBreaker,
    private readonly prospects: Prospects,
    private readonly executor: CallExecutor,
    private readonly performance: Performance,
    private readonly replicas: Replicas,
  ) {}

  onApplicationBootstrap(): void {
    // the front half of a bridge leaves all calls to others
    if (this.config.bridge.role !== 'front') for (const upstream of this.config.upstreams) this.open(upstream);
    this.pool.onSlots((server, slots) => this.lanes.get(server)?.widen(slots));
    this.pool.observeLoad((server) => ({
      waiting: this.waiting[server]?.waiting ?? 0,
      avgResponseMs: this.performance.snapshot().avg_response_time_ms,
    }));
    this.looking = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    this.breaker.onChange(({ server }) => this.lanes.get(server)?.judge());
    this.prospects.tell(() => this.willing());
  }

  onModuleDestroy(): void {
    clearInterval(this.looking);
  }

  private open(upstream: UpstreamConfig): void {
    const { name: server } = upstream;
    const name = this.laneOf(upstream);
    const lane = new Lane(
      name,
      (job) => this.executor.run(job),
      () => this.pool.grow(server),
      (slots) => this.prospects.of(server, name, slots),
    );
    lane.consumer = this.queue.consume(name, 0, (job) => lane.run(job));
    this.lanes.set(server, lane);
  }

  /** Where every client has a child of its own, nobody else can run what is for the children that live here. */
  private laneOf({ name, isolation }: UpstreamConfig): string {
    return isolation === 'per_client' ? laneAt(name, this.replicas.id) : name;
  }

  /** Lanes that we take from; a queue that closes or cannot be reached hands nothing out. */
  private willing(): readonly string[] {
    if (!this.queue.ready().ok) return [];
    return [...this.lanes.values()].filter(({ prospect }) => prospect === 'here').map(({ name }) => name);
  }

  /** Others have told their prospects meanwhile. The pool asks each second whether to grow; it must not wait for an answer. */
  private async look(): Promise<void> {
    for (const lane of this.lanes.values()) lane.judge();
    try {
      this.waiting = (await this.queue.stats(AbortSignal.timeout(LOOK_EVERY_MS))).lanes;
    } catch {
      // the queue cannot be asked now: nothing known to wait, no reason to grow
      this.waiting = {};
    }
  }
}

class Lane {
  consumer?: Consumer;
  prospect: Prospect = 'nowhere';
  private slots = 0;
  private running = 0;
  private readonly returned = () => {
    this.running -= 1;
  };

  constructor(
    readonly name: string,
    private readonly execute: (job: Job) => Promise<Verdict>,
    private readonly whenFull: () => void,
    private readonly prospectWith: (slots: number) => Prospect,
  ) {}

  widen(slots: number): void {
    this.slots = slots;
    this.judge();
  }

  judge(): void {
    this.prospect = this.prospectWith(this.slots);
    this.consumer?.setSlots(this.offer());
  }

  run(job: Job): Promise<Verdict> {
    this.running += 1;
    if (this.running >= this.slots) this.whenFull();
    const verdict = this.execute(job);
    void verdict.then(this.returned, this.returned);
    return verdict;
  }

  /**
   * Who refuses at once takes the most, so who can only refuse leaves it to others. Where nobody has a session, what waits
   * would run into its deadline: one slot lets the executor refuse it.
   */
  private offer(): number {
    switch (this.prospect) {
      case 'here':
        return this.slots;
      case 'elsewhere':
        return 0;
      case 'nowhere':
        return Math.max(this.slots, 1);
      default:
        return this.prospect satisfies never;
    }
  }
}
