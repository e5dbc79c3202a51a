import type { FallbackPlan } from '../call/call-plan.js';
import type { JsonObject } from '../call/json.js';
import { matchesGlob } from '../call/name-glob.js';
import { PRIORITIES, priorityOf } from '../call/priority.js';
import type { Config } from '../config/config.js';
import type { PolicyReader } from './policy-reader.js';
import type { CacheRule, KeyRules, ToolMatch, ToolRule, UpstreamRules } from './rules.js';
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
const FALLBACKS = ['return_cached_or_fail', 'return_cached_or_empty', 'return_cached_or_minimal', 'fail', 'fail_fast_with_reason'] as const;
const MAX_BACKOFF_STEPS_MS = 10_000;
const LIST_TTL_MS = 3_600_000;

/** Reads one upstream's policy; what is wrong in it is told to the reader's list. */
export function readRules(policy: PolicyReader, defaults: RuleDefaults): UpstreamRules {
  policy.only('upstream', 'keys', 'lock', 'cache', 'retry', 'tools_list', 'tools');
  const upstream = policy.inside('upstream').only('name', 'label', 'health');
  const keys = policy.inside('keys').only('changes', 'groups', 'separator', 'lists', 'ignore_case');
  const isShared = sharedByDefault(policy);
  const [health, changes, groups] = [upstream.text('health'), keys.text('changes'), keys.text('groups')];
  const tools = policy.inside('tools');
  return {
    label: upstream.text('label') ?? defaults.server,
    ...(health !== undefined && { health }),
    ...(changes !== undefined && { changes }),
    ...(groups !== undefined && { groups }),
    keys: keyRules(policy, keys),
    retry: retryRules(policy, defaults.queue),
    toolsList: listRule(policy.inside('tools_list').only(...TOOL_KEYS), isShared, defaults.cache),
    tools: tools.names().map((name) => ({
      name,
      matches: toolsLike(name),
      rule: toolRule(tools.inside(name).only(...TOOL_KEYS, 'name', 'rules'), isShared, defaults.cache),
    })),
  };
}

function sharedByDefault(policy: PolicyReader): boolean {
  const cache = policy.inside('cache').only('scope', 'level');
  cache.oneOf('level', ['l1', 'none']);
  return cache.oneOf('scope', ['shared', 'principal']) === 'shared';
}

function keyRules(policy: PolicyReader, keys: PolicyReader): KeyRules {
  const granularity = policy.inside('lock').only('granularity').oneOf('granularity', ['entity', 'domain']) ?? 'entity';
  return {
    separator: keys.text('separator') ?? '',
    lists: keys.text('lists') ?? ',',
    ignoreCase: keys.flag('ignore_case') ?? false,
    granularity,
  };
}

function retryRules(policy: PolicyReader, queue: Config['queue']): UpstreamRules['retry'] {
  const retry = policy.inside('retry').only('max_attempts', 'backoff_factor', 'first_delay_ms');
  retry.number('backoff_factor', 2, 2); // the queue doubles, with full jitter
  const attempts = Math.min(queue.maxRetries + 1, retry.number('max_attempts', 1, 11) ?? Infinity);
  return { attempts, baseMs: retry.number('first_delay_ms', 1, 60_000) ?? 200, maxMs: MAX_BACKOFF_STEPS_MS };
}

/** The list of tools is cached without a rule: the server says when it has changed. */
function listRule(tool: PolicyReader, isShared: boolean, cacheDefaults: Config['cache']): ToolRule {
  const cache: CacheRule = { ttlMs: cacheDefaults.enabled ? LIST_TTL_MS : 0, isShared: false, tags: [], any: [] };
  return { cache, ...toolRule(tool, isShared, cacheDefaults) };
}

function toolRule(tool: PolicyReader, isShared: boolean, cacheDefaults: Config['cache']): ToolRule {
  const priority = tool.oneOf('priority', PRIORITIES);
  const name = tool.text('name');
  const rules = tool.list('rules').map((rule) => ({
    matches: (rule.only('match', ...TOOL_KEYS).texts('match') ?? []).map(toolsLike),
    rule: toolRule(rule, isShared, cacheDefaults),
  }));
  return withoutAbsent({
    kind: tool.oneOf('kind', ['read', 'write', 'critical']),
    priority: priority && priorityOf(priority),
    timeoutMs: inMs(tool.number('timeout_seconds', 0.001, 300)),
    holdMs: inMs(tool.number('hold_seconds', 0, 3600)),
    cache: cacheRule(tool, isShared, cacheDefaults),
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

function cacheRule(tool: PolicyReader, isSharedByDefault: boolean, defaults: Config['cache']): CacheRule | undefined {
  if (!tool.object('cache')) return undefined;
  const cache = tool.inside('cache').only('ttl_seconds', 'level', 'scope', 'vary_by', 'tags', 'any', 'invalidate_on');
  cache.texts(
    'invalidate_on',
    (word) => ['changes', 'server_restart', 'list_changed'].includes(word),
    'changes, server_restart, list_changed',
  );
  const ttlSeconds = cache.number('ttl_seconds', 0, 86_400) ?? defaults.defaultTtlSeconds;
  const level = cache.oneOf('level', ['l1', 'none']);
  const scope = cache.oneOf('scope', ['shared', 'principal']);
  const varyBy = cache.texts('vary_by', (text) => text.startsWith('/'), 'JSON pointers');
  return {
    ttlMs: level === 'none' || !defaults.enabled ? 0 : ttlSeconds * 1000,
    isShared: scope ? scope === 'shared' : isSharedByDefault,
    ...(varyBy && { varyBy }),
    tags: cache.texts('tags') ?? [],
    any: cache.texts('any') ?? [],
  };
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
