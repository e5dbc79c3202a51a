import type { CallPlan, FallbackPlan, RetryPlan } from '../call/call-plan.js';
import type { Priority } from '../call/priority.js';

/** Whether a rule speaks of the tool of this name. */
export type ToolMatch = (name: string) => boolean;

/** A policy as the bridge works with it: read, checked, with every default in place. */
export interface UpstreamRules {
  readonly label: string;
  readonly health?: string;
  readonly changes?: string;
  readonly groups?: string;
  readonly keys: KeyRules;
  readonly retry: RetryPlan;
  readonly toolsList: ToolRule;
  readonly tools: readonly { readonly matches: ToolMatch; readonly name: string; readonly rule: ToolRule }[];
}

export interface KeyRules {
  readonly separator: string;
  /** Stands between ids in one text. */
  readonly lists: string;
  readonly ignoreCase: boolean;
  /** `domain`: two writes to one domain exclude each other. */
  readonly granularity: 'entity' | 'domain';
  /** Domains in which nothing can be changed; with `domain`, writes that name them lock nothing there. */
  readonly readOnly: readonly string[];
}

/** Fields that nobody named are absent: the tool's annotations, then the defaults, speak for them. */
export interface ToolRule {
  readonly kind?: CallPlan['kind'];
  readonly priority?: Priority;
  readonly timeoutMs?: number;
  readonly holdMs?: number;
  readonly cache?: CacheRule;
  readonly fallback?: FallbackPlan;
  /** Keys as templates; an empty list is a write that conflicts with nothing. */
  readonly lock?: readonly string[];
  readonly targets?: readonly string[];
  readonly targetPrefix?: string;
  readonly words?: Readonly<Record<string, string>>;
  readonly without?: string;
  readonly unresolved?: string;
  /** What the rules below are matched with. */
  readonly name?: string;
  readonly rules?: readonly { readonly matches: readonly ToolMatch[]; readonly rule: ToolRule }[];
}

export interface CacheRule {
  readonly ttlMs: number;
  readonly isShared: boolean;
  /** Arguments the answer depends on; absent: all of them. */
  readonly varyBy?: readonly string[];
  readonly tags: readonly string[];
  /** Words that stand for everything. */
  readonly any: readonly string[];
}
