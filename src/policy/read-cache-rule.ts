import type { Config } from '../config/config.js';
import type { PolicyReader } from './policy-reader.js';
import type { CacheRule } from './rules.js';

const LEVELS = ['l1', 'none'] as const;
const SCOPES = ['shared', 'principal'] as const;
const LIST_TTL_SECONDS = 3600;
const CACHE_KEYS = ['ttl_seconds', 'level', 'scope', 'vary_by', 'tags', 'any', 'invalidate_on'];
const LIST_CACHE_KEYS = ['ttl_seconds', 'level', 'scope', 'invalidate_on'];
/** What drops an answer before its time. All of it always does; a rule that counts on another event would wait for ever. */
const RESTARTS = ['server_restart'];
const EVENTS = ['changes', ...RESTARTS];
const LIST_EVENTS = [...RESTARTS, 'list_changed'];

/** What a cache rule takes from above where it says nothing itself. */
export interface CacheDefaults {
  readonly enabled: boolean;
  readonly ttlSeconds: number;
  readonly level: 'l1' | 'none';
  readonly isShared: boolean;
  readonly hasChanges: boolean;
}

/** @param hasChanges whether the upstream tells what changes */
export function cacheDefaults(policy: PolicyReader, { enabled, defaultTtlSeconds }: Config['cache'], hasChanges: boolean): CacheDefaults {
  const cache = policy.inside('cache').only('scope', 'level');
  return {
    enabled,
    ttlSeconds: defaultTtlSeconds,
    level: cache.oneOf('level', LEVELS) ?? 'l1',
    isShared: cache.oneOf('scope', SCOPES) === 'shared',
    hasChanges,
  };
}

/** What the policy says about keeping one tool's answers. */
export function toolCacheRule(tool: PolicyReader, defaults: CacheDefaults): CacheRule | undefined {
  return cacheRule(tool, defaults, CACHE_KEYS, defaults.hasChanges ? EVENTS : RESTARTS);
}

/** The list of tools is cached without a rule: the server says when it has changed. */
export function listCacheRule(list: PolicyReader, defaults: CacheDefaults): CacheRule {
  const rule = cacheRule(list, { ...defaults, ttlSeconds: LIST_TTL_SECONDS }, LIST_CACHE_KEYS, LIST_EVENTS);
  if (rule) return rule;
  const isCached = defaults.enabled && defaults.level !== 'none';
  return { ttlMs: isCached ? LIST_TTL_SECONDS * 1000 : 0, isShared: false, tags: [], any: [] };
}

function cacheRule(tool: PolicyReader, defaults: CacheDefaults, keys: readonly string[], events: readonly string[]): CacheRule | undefined {
  if (!tool.object('cache')) return undefined;
  const cache = tool.inside('cache').only(...keys);
  const tags = cache.texts('tags') ?? [];
  const varyBy = cache.texts('vary_by', (text) => text.startsWith('/'), 'JSON pointers');
  const counted = cache.texts('invalidate_on', (word) => events.includes(word), `what this upstream can tell: ${events.join(', ')}`) ?? [];
  if (counted.includes('changes') && tags.length === 0)
    cache.wrong('tags', 'expected what the answer depends on, since changes are told by key');
  const isCached = defaults.enabled && (cache.oneOf('level', LEVELS) ?? defaults.level) !== 'none';
  const scope = cache.oneOf('scope', SCOPES);
  const ttlSeconds = cache.number('ttl_seconds', 0, 86_400) ?? defaults.ttlSeconds;
  return {
    ttlMs: isCached ? ttlSeconds * 1000 : 0,
    isShared: scope ? scope === 'shared' : defaults.isShared,
    ...(varyBy && { varyBy }),
    tags,
    any: cache.texts('any') ?? [],
  };
}
