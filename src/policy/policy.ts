import { Injectable } from '@nestjs/common';
import type { CallPlan, Wishes } from '../call/call-plan.js';
import { type Clock, systemClock } from '../call/clock.js';
import { isJsonObject, type JsonObject } from '../call/json.js';
import type { ToolCall } from '../call/tool-call.js';
import { ConfigError } from '../config/config-error.js';
import type { Config } from '../config/config.js';
import { compilePolicies } from './compile-policies.js';
import type { UpstreamPolicy } from './upstream-policy.js';

/** Decides everything about a call before anything is done about it, from the call, the time, and the groups it was told of. */
@Injectable()
export class Policy {
  private constructor(private readonly upstreams: ReadonlyMap<string, UpstreamPolicy>) {}

  /** @throws ConfigError with every wrong rule: file, line, key */
  static compile(config: Config, clock: Clock = systemClock): Policy {
    const { policies, problems } = compilePolicies(config, clock);
    if (problems.length > 0) throw new ConfigError(problems);
    return new Policy(policies);
  }

  /** @param tool the catalog's entry; its annotations count where the operator trusts them */
  plan(call: ToolCall, wishes: Wishes, tool?: JsonObject): CallPlan {
    const annotations = isJsonObject(tool?.annotations) ? tool.annotations : {};
    return this.upstream(call.server).plan(call, wishes, annotations);
  }

  /** The upstream's name for people, and the resources on which it tells of itself. */
  of(server: string): { readonly label: string; readonly health?: string; readonly changes?: string; readonly groups?: string } {
    return this.upstream(server).rules;
  }

  /** What ids of this upstream stand for, from its own table; undefined takes back what was told. */
  learnGroups(server: string, told: JsonObject | undefined): void {
    this.upstream(server).learnGroups(told);
  }

  /** The tags of all answers that a change of these keys makes stale. */
  changedTags(server: string, keys: readonly string[]): readonly string[] {
    return this.upstream(server).touchedBy(keys);
  }

  private upstream(server: string): UpstreamPolicy {
    const upstream = this.upstreams.get(server);
    if (!upstream) throw new Error(`no upstream is called ${server}`);
    return upstream;
  }
}
