import { Injectable } from '@nestjs/common';
import type { CallPlan, Wishes } from '../call/call-plan.js';
import { type Clock, systemClock } from '../call/clock.js';
import { isJsonObject, type JsonObject } from '../call/json.js';
import type { ToolCall } from '../call/tool-call.js';
import type { Config } from '../config/config.js';
import { ProblemList } from '../config/problem-list.js';
import type { UpstreamConfig } from '../session-pool/upstream.config.js';
import { readPolicy } from './policy-file.js';
import { PolicyReader } from './policy-reader.js';
import { readRules } from './read-rules.js';
import { UpstreamPolicy } from './upstream-policy.js';

/** Decides everything about a call before anything is done about it, from the call, the time, and the groups it was told of. */
@Injectable()
export class Policy {
  private constructor(private readonly upstreams: ReadonlyMap<string, UpstreamPolicy>) {}

  /** @throws ConfigError with every wrong rule: file, line, key */
  static compile(config: Config, clock: Clock = systemClock): Policy {
    const problems = new ProblemList();
    const compiled = config.upstreams.map((upstream) => [upstream.name, compileOne(upstream, config, clock, problems)] as const);
    problems.throwIfAny();
    return new Policy(new Map(compiled));
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

function compileOne(upstream: UpstreamConfig, config: Config, clock: Clock, problems: ProblemList): UpstreamPolicy {
  const settings = readPolicy(upstream, config, problems);
  const reader = new PolicyReader(settings, problems, settings.root, '');
  const rules = readRules(reader, { server: upstream.name, queue: config.queue, cache: config.cache });
  return new UpstreamPolicy(upstream, rules, config.queue, clock);
}
