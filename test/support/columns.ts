import { BullmqWorkQueue } from '../../src/queue/bullmq/bullmq-work-queue.js';
import { QueueConfig } from '../../src/queue/queue.config.js';
import { EmbeddedWorkQueue } from '../../src/queue/embedded/embedded-work-queue.js';
import type { WorkQueue } from '../../src/queue/work-queue.js';
import { Redis } from '../../src/redis/redis.js';
import { MemorySharedState } from '../../src/shared-state/memory-shared-state.js';
import { RedisSharedState } from '../../src/shared-state/redis-shared-state.js';
import type { SharedState } from '../../src/shared-state/shared-state.js';
import { aRedis, freshPrefix } from './redis-server.js';

/** One way to run the bridge, seen through its ports: what a contract suite runs against. */
export interface Column {
  readonly name: string;
  /** How often a property is tried: each try takes a queue of its own. */
  readonly rounds: number;
  /** Before and after all tests of a suite. */
  open(): Promise<void>;
  close(): Promise<void>;
  create(options: ColumnOptions): Promise<WorkQueue>;
  createState(): Promise<SharedState>;
  /** Resolves when whatever follows from the past by itself, timers aside, has happened. */
  quiet(): Promise<void>;
}

export interface ColumnOptions {
  readonly config?: Partial<QueueConfig>;
  readonly times?: { readonly abortGraceMs?: number; readonly neighbourMs?: number; readonly ageingEveryMs?: number };
}

export const embedded: Column = {
  name: 'embedded',
  rounds: 60,
  open: () => Promise.resolve(),
  close: () => Promise.resolve(),
  create: ({ config, times }) => Promise.resolve(new EmbeddedWorkQueue(Object.assign(new QueueConfig(), config), { times })),
  createState: () => Promise.resolve(new MemorySharedState()),
  async quiet() {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  },
};

/** On a real Redis; each queue or state that is created is an installation of its own. */
class Cluster implements Column {
  readonly name = 'cluster';
  readonly rounds = 25;
  private server?: Awaited<ReturnType<typeof aRedis>>;
  private readonly opened = new Set<Redis>();

  async open(): Promise<void> {
    this.server = await aRedis();
  }

  async close(): Promise<void> {
    await Promise.all([...this.opened].map((redis) => redis.close()));
    this.opened.clear();
    await this.server?.close();
  }

  async create({ config, times: { ageingEveryMs, ...times } = {} }: ColumnOptions): Promise<WorkQueue> {
    return BullmqWorkQueue.open(await this.connect(), Object.assign(new QueueConfig(), config), 'a key that all replicas have', {
      times,
      gateTimes: { ...(ageingEveryMs !== undefined && { ageingEveryMs }) },
    });
  }

  async createState(): Promise<SharedState> {
    return new RedisSharedState(await this.connect());
  }

  async quiet(): Promise<void> {
    await Promise.all([...this.opened].map((redis) => redis.channels.echo()));
  }

  private async connect(): Promise<Redis> {
    if (!this.server) throw new Error('open the column before its suite');
    const redis = await Redis.open(this.server.url, freshPrefix());
    this.opened.add(redis);
    return redis;
  }
}

export const cluster: Column = new Cluster();
