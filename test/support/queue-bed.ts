import { Redis as Connection } from 'ioredis';
import { BullmqWorkQueue, type BullmqOptions } from '../../src/queue/bullmq/bullmq-work-queue.js';
import { QueueConfig } from '../../src/queue/queue.config.js';
import type { QueueEvent } from '../../src/queue/queue-observer.js';
import type { Consumer, Job, JobSpec, Ticket, Verdict } from '../../src/queue/work-queue.js';
import { Redis } from '../../src/redis/redis.js';
import { eventually } from './eventually.js';
import { QueueProcess } from './queue-process.js';
import { SHORT_TIMES, SIGNING_KEY } from './queue-times.js';
import { freshPrefix, type RedisServer } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';
import { HandedOut } from './work-queue-kit.js';

export interface ReplicaOptions extends BullmqOptions {
  readonly config?: Partial<QueueConfig>;
}

/** One installation on a real Redis, with replicas in this process and in others. */
export class QueueBed {
  readonly prefix = freshPrefix();
  readonly admin: Connection;
  private readonly replicas: QueueReplica[] = [];
  private readonly processes: QueueProcess[] = [];

  constructor(readonly server: RedisServer) {
    this.admin = new Connection(server.url, { maxRetriesPerRequest: null });
    this.admin.on('error', () => undefined);
  }

  /** With its own way to Redis, and short times unless told otherwise. */
  async replica({ config, ...options }: ReplicaOptions = SHORT_TIMES): Promise<QueueReplica> {
    const path = await TcpProxy.to(this.server.port);
    const redis = await Redis.open(`redis://127.0.0.1:${path.port}`, this.prefix);
    const events: QueueEvent[] = [];
    const queue = await BullmqWorkQueue.open(redis, Object.assign(new QueueConfig(), config), SIGNING_KEY, {
      ...options,
      observe: (event) => void events.push(event),
    });
    const replica = new QueueReplica(queue, redis, path, events);
    this.replicas.push(replica);
    return replica;
  }

  /** A worker in a process of its own, to be killed or frozen. */
  async process(slots: number): Promise<QueueProcess> {
    const worker = await QueueProcess.start(this.server.url, this.prefix, slots);
    this.processes.push(worker);
    return worker;
  }

  /** A key of the gate. */
  key(name: string): string {
    return `{${this.prefix}}:g:${name}`;
  }

  stateOf(id: string): Promise<string | null> {
    return this.admin.hget(this.key(`j:${id}`), 'st');
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((worker) => worker.kill()));
    await Promise.all(this.replicas.map((replica) => replica.close()));
    this.admin.disconnect();
  }
}

/** A replica in this process. What it is handed is kept, in order, and runs until the test ends it. */
export class QueueReplica {
  readonly handedOut: HandedOut[] = [];
  private consumer?: Consumer;
  private isOver = false;

  constructor(
    readonly queue: BullmqWorkQueue,
    readonly redis: Redis,
    readonly path: TcpProxy,
    readonly events: readonly QueueEvent[],
  ) {}

  /** @param run in place of what the test ends by hand */
  consume(slots: number, run: (job: Job) => Promise<Verdict> = (job) => this.keep(job)): this {
    this.consumer = this.queue.consume('house', slots, run);
    return this;
  }

  setSlots(slots: number): void {
    this.consumer?.setSlots(slots);
  }

  submit(spec: JobSpec): Promise<Ticket> {
    return this.queue.submit(spec, new AbortController().signal);
  }

  /** The run of this request, once it is here. */
  run({ id }: { readonly id: string }, nth = 1): Promise<HandedOut> {
    const find = () => this.handedOut.filter(({ job }) => job.id === id)[nth - 1];
    return eventually(find, Boolean, 20_000) as Promise<HandedOut>;
  }

  count(is: QueueEvent['is']): number {
    return this.events.filter((event) => event.is === is).length;
  }

  async close(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    this.path.heal();
    await this.path.accept();
    const closing = this.queue.close(0);
    for (const run of this.handedOut) if (!run.isBack) run.end({ as: 'unknown', reason: 'test_over' });
    await closing;
    await this.redis.close();
    await this.path.close();
  }

  private async keep(job: Job): Promise<Verdict> {
    if (!(await job.begin())) return { as: 'put_back', reason: 'lost', afterMs: 0 };
    const run = new HandedOut(job);
    this.handedOut.push(run);
    return run.verdict;
  }
}
