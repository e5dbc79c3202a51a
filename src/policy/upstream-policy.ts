import { hashOf } from '../call/canonical-json.js';
import type { CachePlan, CallPlan, Lock, Wishes } from '../call/call-plan.js';
import type { Clock } from '../call/clock.js';
import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import { priorityOf } from '../call/priority.js';
import type { ToolCall } from '../call/tool-call.js';
import type { QueueConfig } from '../queue/queue.config.js';
import type { UpstreamConfig } from '../session-pool/upstream.config.js';
import { UNREADABLE, valueAt } from './arguments.js';
import { GroupTable } from './group-table.js';
import { KeyTree, ROOT } from './key-tree.js';
import type { CacheRule, ToolRule, UpstreamRules } from './rules.js';
import { type Groups, keysOf } from './targets.js';
import { render, renderAll } from './template.js';

const LIST_TIMEOUT_MS = 10_000;

/** A write whose time is over may still be answered for so long before its child is ended. */
const HOLD_MS = 2_000;

/** Not a key: tags of keys begin with `at` or `in`. */
const CATALOG = 'catalog';

/** The compiled policy of one upstream. */
export class UpstreamPolicy {
  private readonly keys: KeyTree;
  private readonly byName: ReadonlyMap<string, ToolRule>;
  private groups?: Groups;

  constructor(
    private readonly upstream: UpstreamConfig,
    readonly rules: UpstreamRules,
    private readonly queue: QueueConfig,
    private readonly clock: Clock,
  ) {
    this.keys = new KeyTree(upstream.name, rules.keys);
    if (rules.groups !== undefined) this.groups = 'untold';
    this.byName = new Map(rules.tools.map(({ name, rule }) => [name, rule]));
  }

  plan(call: ToolCall, wishes: Wishes, annotations: JsonObject): CallPlan {
    const args = argumentsOf(call);
    const rule = call.method === 'tools/call' ? this.ruleOf(call.name ?? '', args) : this.protocolRule(call);
    const kind = call.method === 'tools/call' ? (rule.kind ?? this.annotatedKind(annotations)) : 'read';
    const keys = kind === 'read' ? [] : this.lockKeys(rule, kind, args);
    const cache = kind === 'read' && rule.cache ? this.cachePlan(call, rule.cache, args) : undefined;
    const usualMs = rule.timeoutMs ?? this.queue.timeoutSeconds * 1000;
    return {
      call,
      kind,
      priority: (this.queue.priorityEnabled ? (wishes.priority ?? rule.priority) : undefined) ?? priorityOf('MEDIUM'),
      deadline: this.clock.now() + (wishes.timeoutMs ?? usualMs),
      usualMs,
      locks: this.locksOn(keys),
      holdMs: rule.holdMs ?? HOLD_MS,
      ...(cache && { cache }),
      touches: kind === 'read' ? [] : this.touchedBy(this.keysTouched(rule, keys)),
      retry: kind === 'read' ? this.rules.retry : { ...this.rules.retry, attempts: 1 },
      fallback: kind === 'read' ? (rule.fallback ?? { as: 'none' }) : { as: 'none' },
    };
  }

  touchedBy(keys: readonly string[]): readonly string[] {
    return [...new Set(keys.flatMap((key) => this.keys.tagsTouchedBy(this.keys.normalize(key))))];
  }

  /** What the upstream tells of its groups; undefined when it cannot tell any more. */
  learnGroups(told: JsonObject | undefined): void {
    this.groups = (told && GroupTable.from(told, this.keys)) ?? 'untold';
  }

  /** What is critical by its annotation alone names no key, and may be about anything. */
  private lockKeys(rule: ToolRule, kind: 'write' | 'critical', args: JsonObject): readonly string[] {
    return kind === 'critical' && !rule.lock && !rule.targets ? [ROOT] : keysOf(rule, args, this.keys, this.groups);
  }

  private locksOn(keys: readonly string[]): readonly Lock[] {
    const paths = keys.map((key) => this.keys.lockPath(key)).filter((path) => path !== undefined);
    return paths.map((path) => ({ path, mode: 'X' }));
  }

  /** A write of which nothing is known may change anything; one of a member, what its groups show. */
  private keysTouched(rule: ToolRule, keys: readonly string[]): readonly string[] {
    if (!rule.lock && !rule.targets) return [ROOT];
    const { groups } = this;
    return groups instanceof GroupTable ? [...keys, ...keys.flatMap((key) => groups.holding(key))] : keys;
  }

  private ruleOf(name: string, args: JsonObject): ToolRule {
    const rule = this.byName.get(name) ?? this.rules.tools.find(({ matches }) => matches(name))?.rule ?? {};
    if (!rule.rules || rule.name === undefined) return rule;
    const called = render(rule.name, args, this.keys);
    const special = called === undefined ? undefined : rule.rules.find(({ matches }) => matches.some((match) => match(called)));
    if (!special) return rule;
    // a rule that names targets does not lock what the line above it locks
    return { ...rule, ...(special.rule.targets && { lock: undefined }), ...special.rule };
  }

  private protocolRule({ method }: ToolCall): ToolRule {
    if (!method.endsWith('/list')) return { priority: priorityOf('MEDIUM') };
    const list: ToolRule = { priority: priorityOf('HIGH'), timeoutMs: LIST_TIMEOUT_MS };
    if (method !== 'tools/list') return list;
    return { ...list, fallback: { as: 'stale' }, ...this.rules.toolsList };
  }

  /** To repeat an idempotent call changes nothing more, so two of them may overlap; a destructive one stands alone. */
  private annotatedKind({ readOnlyHint, destructiveHint, idempotentHint }: JsonObject): CallPlan['kind'] {
    if (!this.upstream.trustAnnotations) return 'write';
    if (readOnlyHint === true) return 'read';
    return destructiveHint === true && idempotentHint !== true ? 'critical' : 'write';
  }

  private cachePlan(call: ToolCall, rule: CacheRule, args: JsonObject): CachePlan | undefined {
    if (rule.ttlMs <= 0) return undefined;
    const { server, method, name = null, principal, client = null } = call;
    const asked: Json = rule.varyBy ? rule.varyBy.map((pointer) => told(valueAt(args, pointer), args)) : args;
    const key = hashOf([server, method, name, asked, client, rule.isShared ? null : [principal]]);
    const tags = method === 'tools/list' ? [CATALOG] : this.tagsOf(rule, args);
    return { key, ttlMs: rule.ttlMs, tags, isJoinable: this.queue.deduplicationEnabled };
  }

  private tagsOf({ tags, any }: CacheRule, args: JsonObject): readonly string[] {
    const keys = tags.flatMap((template) => renderAll(template, args, this.keys) ?? [ROOT]);
    return [...new Set(keys.flatMap((key) => this.keys.tagsOf(any.includes(key) ? ROOT : key)))];
  }
}

/** What the upstream is asked, without the caller's `_meta`, which changes no answer. */
function argumentsOf({ method, params }: ToolCall): JsonObject {
  if (method === 'tools/call') return isJsonObject(params.arguments) ? params.arguments : {};
  return Object.fromEntries(Object.entries(params).filter(([word]) => word !== '_meta'));
}

function told(value: ReturnType<typeof valueAt>, args: JsonObject): Json {
  return value === UNREADABLE ? args : (value ?? null);
}
