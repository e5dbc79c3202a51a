import { Injectable } from '@nestjs/common';
import { AnswerCache } from '../cache/answer-cache.js';
import { isJsonObject, type JsonObject } from '../call/json.js';
import { PRIORITIES } from '../call/priority.js';
import { VERSION } from '../call/version.js';
import { Config } from '../config/config.js';
import { Performance } from '../metrics/performance.js';
import { QueueFigures } from '../metrics/queue-figures.js';
import { Policy } from '../policy/policy.js';
import { type QueueStats, WorkQueue } from '../queue/work-queue.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { Replicas } from '../shared-state/replicas.js';
import { avgWaitMs, cacheOf, completedToday, performanceOf, replicaLines, sessionsOf } from './cluster-sum.js';
import { Lifecycle } from './lifecycle.js';
import { ReadinessIndicator } from './readiness.indicator.js';
import { parseReplicaPart, type ReplicaPart, type ServerPart } from './replica-part.js';

const PART = 'status';

/** The whole state of the bridge on one page: the queue as all replicas share it, the rest summed over those that are heard. */
@Injectable()
export class StatusService {
  constructor(
    private readonly config: Config,
    private readonly policy: Policy,
    private readonly pool: SessionPool,
    private readonly queue: WorkQueue,
    private readonly cache: AnswerCache,
    private readonly performance: Performance,
    private readonly figures: QueueFigures,
    private readonly lifecycle: Lifecycle,
    private readonly readiness: ReadinessIndicator,
    private readonly replicas: Replicas,
  ) {
    replicas.contribute(PART, () => this.ownPart() as unknown as JsonObject);
  }

  /** @param shows whether whoever asks may know of an upstream */
  async report(shows: (server: string) => boolean, signal: AbortSignal): Promise<JsonObject> {
    const stats = await this.queue.stats(signal);
    const servers = this.config.upstreams.map(({ name }) => name).filter((name) => shows(name));
    const replicas = this.liveParts();
    const parts = [...replicas.values()];
    return {
      bridge: {
        status: this.readiness.obstacle() === undefined ? 'healthy' : 'unhealthy',
        version: VERSION,
        uptime_seconds: this.lifecycle.uptimeSeconds,
        started_at: this.lifecycle.startedAt.toISOString(),
      },
      sessions: sessionsOf(parts, servers),
      queue: queueReport(stats, parts),
      cache: cacheOf(parts),
      performance: performanceOf(parts),
      ...(this.config.redis.url !== undefined && { replicas: replicaLines(replicas, servers) }),
      ...this.upstreamReports(servers),
    };
  }

  private liveParts(): ReadonlyMap<string, ReplicaPart> {
    const told = [...this.replicas.live()].map(([id, summary]) => [id, parseReplicaPart(summary[PART])] as const);
    return new Map(told.filter((entry): entry is readonly [string, ReplicaPart] => entry[1] !== undefined));
  }

  private ownPart(): ReplicaPart {
    const { hits, misses, entries, maxEntries, evictions, evictionsToday } = this.cache.stats();
    return {
      version: VERSION,
      uptimeSeconds: this.lifecycle.uptimeSeconds,
      servers: Object.fromEntries(this.config.upstreams.map(({ name }) => [name, this.serverPart(name)])),
      completedToday: this.figures.completedToday,
      avgWaitMs: this.figures.avgWaitMs,
      cache: { hits, misses, entries, maxEntries, evictions, evictionsToday },
      performance: this.performance.snapshot(),
    };
  }

  private serverPart(name: string): ServerPart {
    const { busy, idle, starting, leaving, total, inFlight } = this.pool.status(name);
    return { busy, idle, moving: starting + leaving, total, inFlight };
  }

  /** What an upstream with a health resource tells of itself, under its label. */
  private upstreamReports(servers: readonly string[]): JsonObject {
    const reports = servers.flatMap((name) => {
      const { health } = this.pool.status(name);
      return isJsonObject(health?.details) ? [[this.policy.of(name).label, health.details] as const] : [];
    });
    return Object.fromEntries(reports);
  }
}

function queueReport({ waiting, running, waitingByClass, runningByClass }: QueueStats, parts: readonly ReplicaPart[]): JsonObject {
  const byPriority = PRIORITIES.map((name, index) => {
    const priority = index as keyof typeof waitingByClass;
    return [name, waitingByClass[priority] + runningByClass[priority]] as const;
  });
  return {
    pending: waiting,
    processing: running,
    completed_today: completedToday(parts),
    by_priority: Object.fromEntries(byPriority),
    avg_wait_time_ms: Math.round(avgWaitMs(parts)),
  };
}
