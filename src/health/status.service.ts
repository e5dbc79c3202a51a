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
import { Lifecycle } from './lifecycle.js';
import { ReadinessIndicator } from './readiness.indicator.js';

/** The whole state of the bridge on one page. */
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
  ) {}

  /** @param shows whether whoever asks may know of an upstream */
  async report(shows: (server: string) => boolean, signal: AbortSignal): Promise<JsonObject> {
    const stats = await this.queue.stats(signal);
    const servers = this.config.upstreams.map(({ name }) => name).filter((name) => shows(name));
    return {
      bridge: {
        status: this.readiness.obstacle() === undefined ? 'healthy' : 'unhealthy',
        version: VERSION,
        uptime_seconds: this.lifecycle.uptimeSeconds,
        started_at: this.lifecycle.startedAt.toISOString(),
      },
      sessions: this.sessionsReport(servers),
      queue: this.queueReport(stats),
      cache: this.cacheReport(),
      performance: { ...this.performance.snapshot() },
      ...this.upstreamReports(servers),
    };
  }

  private sessionsReport(servers: readonly string[]): JsonObject {
    const statuses = servers.map((name) => this.pool.status(name));
    const sum = (count: (status: (typeof statuses)[number]) => number) => statuses.reduce((total, status) => total + count(status), 0);
    const active = sum(({ busy }) => busy);
    const idle = sum((status) => status.idle);
    const reconnecting = sum(({ starting, leaving }) => starting + leaving);
    return { active, total: sum(({ total }) => total), available: idle, by_status: { healthy: active, reconnecting, idle } };
  }

  private queueReport({ waiting, running, waitingByClass, runningByClass }: QueueStats): JsonObject {
    const byPriority = PRIORITIES.map((name, index) => {
      const priority = index as keyof typeof waitingByClass;
      return [name, waitingByClass[priority] + runningByClass[priority]] as const;
    });
    return {
      pending: waiting,
      processing: running,
      completed_today: this.figures.completedToday,
      by_priority: Object.fromEntries(byPriority),
      avg_wait_time_ms: Math.round(this.figures.avgWaitMs),
    };
  }

  private cacheReport(): JsonObject {
    const { hitRate, entries, maxEntries, evictions, evictionsToday } = this.cache.stats();
    return { hit_rate: hitRate, size: entries, max_size: maxEntries, evictions, evictions_today: evictionsToday };
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
