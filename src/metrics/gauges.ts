import type { Provider } from '@nestjs/common';
import { makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { PRIORITIES, priorityOf } from '../call/priority.js';
import { upstreamOf } from '../queue/lane-name.js';
import type { QueueStats } from '../queue/work-queue.js';
import type { UpstreamStatus } from '../session-pool/upstream-status.js';
import { type LabelsOf, METRICS, type NameOf } from './catalog.js';
import { configurationOf } from './metric.js';
import { Performance } from './performance.js';
import { QueueSample } from './queue-sample.js';
import { BreakerReader, CacheReader, PoolReader, ReadinessReader, RedisReader, StoreReader } from './readers.js';

type GaugeName = NameOf<'gauge'>;
interface Sample<Label extends string> {
  readonly labels: Record<Label, string>;
  readonly value: number;
}
/** A number, or one for each combination of labels; undefined when it cannot be told right now. */
type Reading<Name extends GaugeName> = ([LabelsOf<Name>] extends [never] ? number : readonly Sample<LabelsOf<Name>>[]) | undefined;
type Pools = readonly (readonly [upstream: string, status: UpstreamStatus])[];

const SESSION_KINDS = ['plain', 'dedicated', 'spare'] as const;
const SESSION_STATES = ['busy', 'idle', 'starting', 'leaving'] as const;

/** Gauges that look when they are scraped. */
export const READ_GAUGES: readonly { readonly name: GaugeName; readonly provider: Provider }[] = [
  reading('bridge_requests_per_second', Performance, (performance) => performance.snapshot().requests_per_second),

  ofQueue('bridge_queue_size', ({ waiting }) => waiting),
  ofQueue('bridge_queue_size_current', ({ waiting }) => waiting),
  reading('bridge_queue_size_max', QueueSample, (queue) => queue.mostWaiting()),
  ofQueue('bridge_queue_waiting', ({ waitingByClass }) =>
    PRIORITIES.map((name) => ({ labels: { class: name }, value: waitingByClass[priorityOf(name)] })),
  ),
  ofQueue('bridge_queue_parked', ({ parked }) => [
    { labels: { why: 'lock' }, value: parked.lock },
    { labels: { why: 'share' }, value: parked.share },
  ]),
  ofQueue('bridge_queue_running', ({ running }) => running),
  ofQueue('bridge_queue_slots', ({ lanes }) =>
    [...new Set(Object.keys(lanes).map(upstreamOf))].map((lane) => ({ labels: { lane }, value: slotsOf(lanes, lane) })),
  ),
  ofQueue('bridge_queue_oldest_wait_seconds', ({ oldestWaitMs }) => oldestWaitMs / 1000),
  ofQueue('bridge_queue_stored_bytes', ({ storedBytes }) => storedBytes),

  ofPools('bridge_active_sessions', (pools) => sum(pools, ({ busy }) => busy)),
  ofPools('bridge_session_pool_utilization', (pools) => (100 * sum(pools, ({ utilization }) => utilization)) / Math.max(1, pools.length)),
  ofPools('bridge_sessions', (pools) =>
    pools.flatMap(([upstream, { kinds }]) =>
      SESSION_KINDS.flatMap((kind) => SESSION_STATES.map((status) => ({ labels: { upstream, kind, status }, value: kinds[kind][status] }))),
    ),
  ),
  ofPools('bridge_calls_in_flight', (pools) => pools.map(([upstream, { inFlight }]) => ({ labels: { upstream }, value: inFlight }))),

  reading('bridge_circuit_breaker_state', BreakerReader, (breaker) =>
    breaker.states().map(({ upstream, state }) => ({ labels: { upstream }, value: state === 'closed' ? 0 : 1 })),
  ),
  reading('bridge_cache_entries', CacheReader, (cache) => [{ labels: { level: 'l1' }, value: cache.stats().entries }]),
  reading('bridge_ready', ReadinessReader, (readiness) => (readiness.obstacle() === undefined ? 1 : 0)),
  reading('bridge_shared_store_up', StoreReader, (store) => (store.ready().ok ? 1 : 0)),
  reading('bridge_redis_volatile', RedisReader, (redis) => (redis.isVolatile() ? 1 : 0)),
];

function ofQueue<Name extends GaugeName>(name: Name, read: (stats: QueueStats) => Reading<Name>) {
  return reading(name, QueueSample, async (queue) => {
    const stats = await queue.current();
    return stats && read(stats);
  });
}

function ofPools<Name extends GaugeName>(name: Name, read: (pools: Pools) => Reading<Name>) {
  return reading(name, PoolReader, (pool) => read(pool.servers().map((server) => [server, pool.status(server)])));
}

function reading<Name extends GaugeName, Source extends object>(
  name: Name,
  source: abstract new (...args: never[]) => Source,
  read: (source: Source) => Reading<Name> | Promise<Reading<Name>>,
) {
  const provider = makeGaugeProvider({
    ...configurationOf(name),
    inject: [source],
    async collect(this: Gauge, reader: Source) {
      const value = await read(reader);
      // So that an upstream that is gone is not reported for ever; a plain gauge is 0 then, and that would be a lie.
      this.reset();
      if (value !== undefined) show(this, value);
      else if (!('labels' in METRICS[name])) this.remove();
    },
  });
  return { name, provider };
}

function show(gauge: Gauge, value: number | readonly Sample<string>[]): void {
  if (typeof value === 'number') gauge.set(value);
  else for (const sample of value) gauge.set(sample.labels, sample.value);
}

/** A lane of one replica counts as its upstream's, or a label would grow with every start of a replica. */
function slotsOf(lanes: QueueStats['lanes'], upstream: string): number {
  return Object.entries(lanes).reduce((total, [lane, { slots }]) => (upstreamOf(lane) === upstream ? total + slots : total), 0);
}

function sum(pools: Pools, of: (status: UpstreamStatus) => number): number {
  return pools.reduce((total, [, status]) => total + of(status), 0);
}
