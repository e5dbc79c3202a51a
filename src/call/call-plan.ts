import type { JsonObject } from './json.js';
import type { Priority } from './priority.js';
import type { ToolCall } from './tool-call.js';

/** Everything that policy decides about one call. Stages read it; none changes it. */
export interface CallPlan {
  readonly call: ToolCall;
  /** `critical` is a write that locks a domain or more; the queue treats it as a write. */
  readonly kind: 'read' | 'write' | 'critical';
  readonly priority: Priority;
  /** Monotonic milliseconds (`performance.now()`); a stage takes what is left and never adds a timeout of its own. */
  readonly deadline: number;
  /** What a call like it is given when its caller wishes nothing else, in ms. */
  readonly usualMs: number;
  readonly locks: readonly Lock[];
  /** How long past the deadline a write may keep its locks while the upstream still owes the answer. */
  readonly holdMs: number;
  readonly cache?: CachePlan;
  /** Tags a write makes stale when it begins and when it ends; empty for reads. */
  readonly touches: readonly string[];
  readonly retry: RetryPlan;
  readonly fallback: FallbackPlan;
}

/** Segments from the upstream's root down: `['home-assistant', 'light', 'light.salon_lamp']`. */
export type LockPath = readonly string[];

/** X excludes everybody on the path and below it; S shares it with other S. */
export interface Lock {
  readonly path: LockPath;
  readonly mode: 'S' | 'X';
}

export interface CachePlan {
  /** Names the answer: server, method, name, canonical arguments and, unless the policy shares it, the principal. */
  readonly key: string;
  readonly ttlMs: number;
  /** What the answer depends on; a write that touches one of them makes it stale. */
  readonly tags: readonly string[];
  /** Whether a read may wait for an equal one that is under way. */
  readonly isJoinable: boolean;
}

/** Reads only; `attempts` counts the first one too. */
export interface RetryPlan {
  readonly attempts: number;
  readonly baseMs: number;
  readonly maxMs: number;
}

/** What may answer a read when its upstream is unavailable: never a refusal's, never under `no-cache`. */
export type FallbackPlan =
  | { readonly as: 'none' }
  | { readonly as: 'stale' }
  | { readonly as: 'literal'; readonly label: 'empty' | 'minimal'; readonly result: JsonObject };

/** A caller's own words about one call, parsed and in range, not yet granted. */
export interface Wishes {
  readonly priority?: Priority;
  readonly timeoutMs?: number;
  readonly cacheControl: CacheControl;
}

/** The directives of RFC 9111 that a request can use here. */
export interface CacheControl {
  readonly maxAgeMs?: number;
  readonly noCache?: boolean;
  readonly noStore?: boolean;
  readonly onlyIfCached?: boolean;
}

/** A result in the words of MCP, as the upstream gave it. */
export type CallResult = JsonObject;
