import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aBalancer, type Balancer, type BalancerName } from './a-balancer.js';
import { Replica, type ReplicaSettings } from './a-replica.js';
import { eventually } from './eventually.js';
import { aRedisServer, freshPrefix, type RedisOptions, type RedisServer } from './redis-server.js';

export interface ClusterOptions {
  /** @param folder of the cluster, for what its replicas share; it goes with it */
  readonly settings: (folder: string) => ReplicaSettings;
  readonly replicas?: number;
  /** Absent: callers choose a replica themselves. */
  readonly balancer?: BalancerName;
  readonly redis?: RedisOptions;
  /** What Node runs in place of the built product, in every replica. */
  readonly program?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const READY_MS = 60_000;

/** A Redis, replicas of the built product, each with its own way to it, and a balancer before them; always close it. */
export async function aCluster(options: ClusterOptions): Promise<Cluster> {
  const cluster = await Cluster.prepare(options);
  try {
    await cluster.start(options.balancer);
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

export class Cluster {
  private balancer?: Balancer;

  private constructor(
    readonly folder: string,
    readonly redis: RedisServer,
    readonly replicas: readonly Replica[],
  ) {}

  static async prepare({ settings, replicas = 3, redis: redisOptions, program, env }: ClusterOptions): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-cluster-'));
    const redis = await aRedisServer(redisOptions);
    const same = { folder, redis, prefix: freshPrefix(), settings: settings(folder), ...(program && { program }), ...(env && { env }) };
    const names = [...Array(replicas).keys()].map((n) => `r${n + 1}`);
    return new Cluster(folder, redis, await Promise.all(names.map((name) => Replica.of({ ...same, name }))));
  }

  async start(balancer?: BalancerName): Promise<void> {
    await Promise.all(this.replicas.map((replica) => this.startAgain(replica)));
    if (!balancer) return;
    const ports = this.replicas.map(({ port }) => port);
    this.balancer = await aBalancer(balancer, ports, this.folder);
    await untilReady(this.balancer.url);
  }

  /** Where callers call: the balancer. */
  get url(): string {
    return this.front.url;
  }

  get front(): Balancer {
    if (!this.balancer) throw new Error('this cluster has no balancer');
    return this.balancer;
  }

  /** Resolves when it is ready to serve. */
  async startAgain(replica: Replica): Promise<void> {
    await replica.start();
    await untilReady(replica.url);
  }

  /** @param keep leaves the files of the cluster where they are */
  async close(keep = false): Promise<void> {
    await this.balancer?.close();
    await Promise.all(this.replicas.map((replica) => replica.close()));
    await this.redis.close();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function untilReady(url: string): Promise<void> {
  await eventually(
    () => statusOf(`${url}/health/ready`),
    (status) => status === 200,
    READY_MS,
  );
}

function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
}
