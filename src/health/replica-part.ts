import { isJsonObject, type Json, type JsonObject } from '../call/json.js';

/** Children of one upstream on one replica. */
export interface ServerPart {
  readonly busy: number;
  readonly idle: number;
  readonly moving: number;
  readonly total: number;
  readonly inFlight: number;
}

/** What the status page needs of each replica; it travels with the heartbeat. */
export interface ReplicaPart {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly servers: Readonly<Record<string, ServerPart>>;
  readonly completedToday: number;
  readonly avgWaitMs: number;
  readonly cache: {
    readonly hits: number;
    readonly misses: number;
    readonly entries: number;
    readonly maxEntries: number;
    readonly evictions: number;
    readonly evictionsToday: number;
  };
  readonly performance: {
    readonly avg_response_time_ms: number;
    readonly p95_response_time_ms: number;
    readonly requests_per_second: number;
    readonly error_rate: number;
  };
}

/** Undefined for what no replica of ours would say; a neighbour on the same Redis may say anything. */
export function parseReplicaPart(told: Json | undefined): ReplicaPart | undefined {
  if (!isJsonObject(told)) return undefined;
  const { version, servers } = told;
  const cache = numbersOf(told.cache, ['hits', 'misses', 'entries', 'maxEntries', 'evictions', 'evictionsToday']);
  const performance = numbersOf(told.performance, ['avg_response_time_ms', 'p95_response_time_ms', 'requests_per_second', 'error_rate']);
  const own = numbersOf(told, ['uptimeSeconds', 'completedToday', 'avgWaitMs']);
  if (typeof version !== 'string' || !isJsonObject(servers) || !cache || !performance || !own) return undefined;
  return { version, ...own, servers: serversOf(servers), cache, performance };
}

function serversOf(told: JsonObject): Record<string, ServerPart> {
  const parts = Object.entries(told).map(
    ([name, part]) => [name, numbersOf(part, ['busy', 'idle', 'moving', 'total', 'inFlight'])] as const,
  );
  return Object.fromEntries(parts.filter((entry): entry is readonly [string, ServerPart] => entry[1] !== undefined));
}

function numbersOf<Name extends string>(told: Json | undefined, names: readonly Name[]): Record<Name, number> | undefined {
  if (!isJsonObject(told)) return undefined;
  const values = names.map((name) => [name, told[name]] as const);
  return values.every(([, value]) => typeof value === 'number') ? (Object.fromEntries(values) as Record<Name, number>) : undefined;
}
