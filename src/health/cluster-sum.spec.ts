import { avgWaitMs, cacheOf, performanceOf, replicaLines, sessionsOf } from './cluster-sum.js';
import { parseReplicaPart, type ReplicaPart } from './replica-part.js';

const part = (more: Partial<ReplicaPart> = {}): ReplicaPart => ({
  version: '1',
  uptimeSeconds: 7,
  servers: {
    house: { busy: 1, idle: 2, moving: 1, total: 4, inFlight: 3 },
    secret: { busy: 5, idle: 5, moving: 0, total: 10, inFlight: 9 },
  },
  completedToday: 10,
  avgWaitMs: 4,
  cache: { hits: 3, misses: 1, entries: 2, maxEntries: 100, evictions: 1, evictionsToday: 1 },
  performance: { avg_response_time_ms: 10, p95_response_time_ms: 20, requests_per_second: 1, error_rate: 0 },
  ...more,
});

describe('What several replicas are together', () => {
  it('counts the children of the servers that are shown, and of no other', () => {
    expect(sessionsOf([part(), part({ servers: {} }), part()], ['house'])).toEqual({
      active: 2,
      total: 8,
      available: 4,
      by_status: { healthy: 2, reconnecting: 2, idle: 4 },
    });
    expect(replicaLines(new Map([['a', part()]]), ['house'])).toEqual([
      { id: 'a', version: '1', uptime_seconds: 7, sessions: 4, processing: 3 },
    ]);
  });

  it('weighs means by what each replica did', () => {
    const busy = { avg_response_time_ms: 40, p95_response_time_ms: 90, requests_per_second: 2, error_rate: 0.3 };
    expect(performanceOf([part(), part({ performance: busy })])).toEqual({
      avg_response_time_ms: 30,
      p95_response_time_ms: 90,
      requests_per_second: 3,
      error_rate: 0.2,
    });
    expect(avgWaitMs([part(), part({ completedToday: 30, avgWaitMs: 8 })])).toBe(7);
    expect(cacheOf([part(), part({ cache: { hits: 0, misses: 0, entries: 1, maxEntries: 1, evictions: 0, evictionsToday: 0 } })])).toEqual({
      hit_rate: 0.75,
      size: 3,
      max_size: 101,
      evictions: 1,
      evictions_today: 1,
    });
  });

  it('reads back what a replica said, and nothing that none would say', () => {
    expect(parseReplicaPart(JSON.parse(JSON.stringify(part())))).toEqual(part());
    expect([undefined, 'x', {}, { ...JSON.parse(JSON.stringify(part())), cache: {} }].map(parseReplicaPart)).toEqual(
      Array(4).fill(undefined),
    );
  });
});
