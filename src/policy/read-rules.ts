import type { FallbackPlan } from '../call/call-plan.js';
import type { JsonObject } from '../call/json.js';
import { matchesGlob } from '../call/name-glob.js';
import { PRIORITIES, priorityOf } from '../call/priority.js';
import type { Config } from '../config/config.js';
import type { PolicyReader } from './policy-reader.js';
import { type CacheDefaults, cacheDefaults, listCacheRule, toolCacheRule } from './read-cache-rule.js';
import type { KeyRules, ToolMatch, ToolRule, UpstreamRules } from './rules.js';
import { TARGET } from './targets.js';

export interface RuleDefaults {
  readonly server: string;
  readonly queue: Config['queue'];
  readonly cache: Config['cache'];
}

const TOOL_KEYS = [
  'kind',
  'priority',
  'timeout_seconds',
  'hold_seconds',
  'cache',
  'fallback',
  'literal',
  'lock',
  'targets',
  'target_prefix',
  'words',
  'without',
  'unresolved',
];
/** The list of tools is a read of the whole catalog: nothing it could lock or vary by. */
const LIST_KEYS = ['kind', 'priority', 'timeout_seconds', 'cache', 'fallback', 'literal'];
/** What `/mcp/status` and `/health` call their own sections; an upstream reports beside them, under its label. */
const SECTIONS = ['bridge', 'sessions', 'queue', 'cache', 'performance', 'replicas', 'mcp_sessions'];
const KINDS = ['read', 'write', 'critical'] as const;
const FALLBACKS = ['return_cached_or_fail', 'return_cached_or_empty', 'return_cached_or_minimal', 'fail', 'fail_fast_with_reason'] as const;
const MAX_BACKOFF_STEPS_MS = 10_000;
/** Reads one upstream's policy; what is wrong in it is told to the reader's list. */
export function readRules(policy: PolicyReader, defaults: RuleDefaults): UpstreamRules {
  policy.only('upstream', 'keys', 'lock', 'cache', 'retry', 'tools_list', 'tools');
  const upstream = policy.inside('upstream').only('name', 'label', 'health');
  const keys = policy.inside('keys').only('changes', 'groups', 'separator', 'lists', 'ignore_case');
  const [health, changes, groups] = [upstream.text('health'), keys.text('changes'), keys.text('groups')];
  const cached = cacheDefaults(policy, defaults.cache, changes !== undefined);
  const tools = policy.inside('tools');
  return {
    label: labelOf(upstream) ?? defaults.server,
    ...(health !== undefined && { health }),
    ...(changes !== undefined && { changes }),
    ...(groups !== undefined && { groups }),
    keys: keyRules(policy, keys),
    retry: retryRules(policy, defaults.queue),
    toolsList: listRule(policy.inside('tools_list').only(...LIST_KEYS), cached),
    tools: tools.names().map((name) => ({
      name,
      matches: toolsLike(name),
      rule: toolRule(tools.inside(name).only(...TOOL_KEYS, 'name', 'rules'), cached),
    })),
  };
}

function labelOf(upstream: PolicyReader): string | undefined {
  const label = upstream.text('label');
  if (label !== undefined && SECTIONS.includes(label))
    upstream.wrong('label', `${label} is a section of /mcp/status or /health; choose another`);
  return label;
}

function keyRules(policy: PolicyReader, keys: PolicyReader): KeyRules {
  const lock = policy.inside('lock').only('granularity', 'read_only');
  const granularity = lock.oneOf('granularity', ['entity', 'domain']) ?? 'entity';
  return {
    separator: keys.text('separator') ?? '',
    lists: keys.text('lists') ?? ',',
    ignoreCase: keys.flag('ignore_case') ?? false,
    granularity,
    readOnly: lock.texts('read_only') ?? [],
  };
}

function retryRules(policy: PolicyReader, queue: Config['queue']): UpstreamRules['retry'] {
  const retry = policy.inside('retry').only('max_attempts', 'backoff_factor', 'first_delay_ms');
  retry.number('backoff_factor', 2, 2); // the queue doubles, with full jitter
  const attempts = Math.min(queue.maxRetries + 1, retry.number('max_attempts', 1, 11) ?? Infinity);
  return { attempts, baseMs: retry.number('first_delay_ms', 1, 60_000) ?? 200, maxMs: MAX_BACKOFF_STEPS_MS };
}

function listRule(list: PolicyReader, defaults: CacheDefaults): ToolRule {
  if ((list.oneOf('kind', KINDS) ?? 'read') !== 'read') list.wrong('kind', 'expected read: a list changes nothing');
  return withoutAbsent({
    priority: priorityIn(list),
    timeoutMs: inMs(list.number('timeout_seconds', 0.001, 300)),
    cache: listCacheRule(list, defaults),
    fallback: fallbackPlan(list),
  });
}

function toolRule(tool: PolicyReader, defaults: CacheDefaults): ToolRule {
  const name = tool.text('name');
  const rules = tool.list('rules').map((rule) => ({
    matches: (rule.only('match', ...TOOL_KEYS).texts('match') ?? []).map(toolsLike),
    rule: toolRule(rule, defaults),
  }));
  return withoutAbsent({
    kind: tool.oneOf('kind', KINDS),
    priority: priorityIn(tool),
    timeoutMs: inMs(tool.number('timeout_seconds', 0.001, 300)),
    holdMs: inMs(tool.number('hold_seconds', 0, 3600)),
    cache: toolCacheRule(tool, defaults),
    fallback: fallbackPlan(tool),
    lock: tool.texts('lock'),
    targets: tool.texts('targets', (text) => TARGET.test(text), 'JSON pointers: /a, /a | /b, kind=/a or keys(/a)'),
    targetPrefix: tool.text('target_prefix'),
    words: tool.textsByName('words'),
    without: tool.text('without'),
    unresolved: tool.text('unresolved'),
    name,
    rules: rules.length > 0 ? rules : undefined,
  });
}

function priorityIn(tool: PolicyReader) {
  const priority = tool.oneOf('priority', PRIORITIES);
  return priority && priorityOf(priority);
}

function fallbackPlan(tool: PolicyReader): FallbackPlan | undefined {
  const word = tool.oneOf('fallback', FALLBACKS);
  const literal = tool.inside('literal').only('text', 'structured', 'notice');
  switch (word) {
    case undefined:
      return undefined;
    case 'fail':
    case 'fail_fast_with_reason':
      return { as: 'none' };
    case 'return_cached_or_fail':
      return { as: 'stale' };
    case 'return_cached_or_empty':
    case 'return_cached_or_minimal': {
      const label = word === 'return_cached_or_empty' ? 'empty' : 'minimal';
      if (!tool.object('literal')) tool.wrong('literal', `expected what ${word} answers`);
      return { as: 'literal', label, result: literalResult(literal) };
    }
    default:
      return word satisfies never;
  }
}

function literalResult(literal: PolicyReader): JsonObject {
  const texts = [literal.text('text'), literal.text('notice')].filter((text) => text !== undefined);
  const structuredContent = literal.object('structured');
  return { content: texts.map((text) => ({ type: 'text', text })), ...(structuredContent && { structuredContent }), isError: false };
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutAbsent<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

function toolsLike(glob: string): ToolMatch {
  return (name) => matchesGlob(glob, name);
}
