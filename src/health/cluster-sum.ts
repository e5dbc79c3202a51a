import type { JsonObject } from '../call/json.js';
import type { ReplicaPart, ServerPart } from './replica-part.js';

/** The children of these servers on all replicas. */
export function sessionsOf(parts: readonly ReplicaPart[], servers: readonly string[]): JsonObject {
  const all = parts.flatMap((part) => shown(part, servers));
  const busy = sum(all, (server) => server.busy);
  const idle = sum(all, (server) => server.idle);
  return {
    active: busy,
    total: sum(all, ({ total }) => total),
    available: idle,
    by_status: { healthy: busy, reconnecting: sum(all, ({ moving }) => moving), idle },
  };
}

export function cacheOf(parts: readonly ReplicaPart[]): JsonObject {
  const caches = parts.map(({ cache }) => cache);
  const hits = sum(caches, (cache) => cache.hits);
  const looked = hits + sum(caches, ({ misses }) => misses);
  return {
    hit_rate: looked === 0 ? 0 : hits / looked,
    size: sum(caches, ({ entries }) => entries),
    max_size: sum(caches, ({ maxEntries }) => maxEntries),
    evictions: sum(caches, ({ evictions }) => evictions),
    evictions_today: sum(caches, ({ evictionsToday }) => evictionsToday),
  };
}

/** Means are weighted by the requests of each replica. A percentile of all cannot be had from parts: the worst one is told. */
export function performanceOf(parts: readonly ReplicaPart[]): JsonObject {
  const all = parts.map(({ performance }) => performance);
  const perSecond = sum(all, ({ requests_per_second: rate }) => rate);
  const mean = (of: (one: ReplicaPart['performance']) => number) =>
    perSecond === 0 ? 0 : rounded(sum(all, (one) => of(one) * one.requests_per_second) / perSecond);
  return {
    avg_response_time_ms: mean((one) => one.avg_response_time_ms),
    p95_response_time_ms: Math.max(0, ...all.map((one) => one.p95_response_time_ms)),
    requests_per_second: rounded(perSecond),
    error_rate: mean((one) => one.error_rate),
  };
}

export function completedToday(parts: readonly ReplicaPart[]): number {
  return sum(parts, (part) => part.completedToday);
}

export function avgWaitMs(parts: readonly ReplicaPart[]): number {
  const completed = completedToday(parts);
  return completed === 0 ? 0 : sum(parts, (part) => part.avgWaitMs * part.completedToday) / completed;
}

/** A line for each replica, as far as these servers go. */
export function replicaLines(parts: ReadonlyMap<string, ReplicaPart>, servers: readonly string[]): readonly JsonObject[] {
  return [...parts].map(([id, part]) => ({
    id,
    version: part.version,
    uptime_seconds: part.uptimeSeconds,
    sessions: sum(shown(part, servers), ({ total }) => total),
    processing: sum(shown(part, servers), ({ inFlight }) => inFlight),
  }));
}

function shown(part: ReplicaPart, servers: readonly string[]): readonly ServerPart[] {
  return servers.map((name) => part.servers[name]).filter((server) => server !== undefined);
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
