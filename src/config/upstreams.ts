import { resolve } from 'node:path';
import { UpstreamConfig } from '../session-pool/upstream.config.js';
import type { SessionPoolConfig } from '../session-pool/session-pool.config.js';
import { builtInUpstream, checkPassedOn, isBuiltIn, passedOn } from './built-in-upstream.js';
import type { Environment } from './environment.js';
import type { ProblemList } from './problem-list.js';
import { fieldsOf } from './schema.js';
import { entryOf, isMapping, keyIn, type Mapping, type Setting, type Settings } from './settings.js';
import type { Validation } from './validation.js';

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const OPEN = ['env', 'policy'];

export interface Reading {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly validation: Validation;
  readonly problems: ProblemList;
  readonly warnings: string[];
}

/** The upstreams that `upstreams` and `mcpServers` name, in their order; the built-in one when there is none. */
export function readUpstreams(reading: Reading, pool: SessionPoolConfig): UpstreamConfig[] {
  const named = [...entriesOf(reading, 'upstreams'), ...standardEntriesOf(reading)];
  const upstreams = named.map((entry) => upstreamOf(entry, reading, pool));
  if (upstreams.length === 0) upstreams.push(Object.assign(builtInUpstream(), pool));
  for (const upstream of upstreams.filter(isBuiltIn)) {
    upstream.env = { ...passedOn(reading.environment, reading.problems), ...upstream.env };
    checkPassedOn(upstream, reading.problems);
  }
  return upstreams;
}

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly value: Setting;
}

function entriesOf({ settings, problems }: Reading, section: 'upstreams' | 'mcpServers'): Entry[] {
  const value = entryOf(settings.root, section);
  if (value !== undefined && value !== null && !isMapping(value)) problems.at(settings, section, 'expected a mapping of names');
  return Object.entries(isMapping(value) ? value : {}).map(([name, entry]) => ({ key: keyIn(section, name), name, value: entry }));
}

/** The object that MCP clients share. Keys that only other programs know are passed over with a warning. */
function standardEntriesOf(reading: Reading): Entry[] {
  const { settings, problems, warnings } = reading;
  const known = [...fieldsOf(UpstreamConfig).map((field) => field.name), ...OPEN];
  const named = entryOf(settings.root, 'upstreams');
  return entriesOf(reading, 'mcpServers').flatMap((entry) => {
    const { key, name, value } = entry;
    if (isMapping(named) && Object.hasOwn(named, name)) problems.at(settings, key, `also named as upstreams.${name}`);
    if (!isMapping(value)) return [entry];
    if (value.disabled === true) {
      warnings.push(`${key} is disabled and left out`);
      return [];
    }
    const transport = value.type ?? 'stdio';
    if (transport !== 'stdio' || value.url !== undefined) {
      problems.at(settings, key, 'expected a server with a command; servers behind a url are not supported');
      return [];
    }
    const foreign = Object.keys(value).filter((word) => !known.includes(word) && !['type', 'disabled'].includes(word));
    if (foreign.length > 0) warnings.push(`${key}: passed over ${foreign.join(', ')}`);
    return [{ ...entry, value: Object.fromEntries(Object.entries(value).filter(([word]) => known.includes(word))) }];
  });
}

function upstreamOf({ key, name, value }: Entry, reading: Reading, pool: SessionPoolConfig): UpstreamConfig {
  const { settings, validation, problems } = reading;
  if (!NAME.test(name)) problems.at(settings, key, 'expected a name of at most 64 letters, digits, dots, dashes and underscores');
  const upstream = validation.fill(Object.assign(new UpstreamConfig(), pool, { name }), value ?? {}, key, OPEN);
  const own = isMapping(value) ? value : {};
  const directory = settings.locate(key)?.directory ?? '';
  upstream.env = envOf(own, key, reading);
  // so that `node server.mjs` means the file beside the one that says so
  upstream.cwd = resolve(directory, upstream.cwd ?? '');
  Object.assign(upstream, policyOf(own, key, reading));
  warnIfUnpinned(upstream, key, reading);
  return upstream;
}

function envOf(own: Mapping, key: string, { settings, problems }: Reading): Record<string, string> {
  const env = entryOf(own, 'env') ?? {};
  if (!isMapping(env)) {
    problems.at(settings, keyIn(key, 'env'), 'expected a mapping of variables');
    return {};
  }
  const entries = Object.entries(env).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    const fits = typeof value === 'string' && !value.includes('\0') && /^[^=\0]+$/.test(name);
    if (!fits) problems.at(settings, keyIn(keyIn(key, 'env'), name), 'expected text; put numbers and words like true in quotes');
    return fits;
  });
  return Object.fromEntries(entries);
}

function policyOf(own: Mapping, key: string, { settings, problems }: Reading): Pick<UpstreamConfig, 'policy'> {
  const policy = entryOf(own, 'policy');
  const at = keyIn(key, 'policy');
  if (policy === undefined || policy === null) return {};
  if (typeof policy === 'string') return { policy: resolve(settings.locate(at)?.directory ?? '', policy) };
  if (isMapping(policy)) return { policy };
  problems.at(settings, at, 'expected the path of a policy file, or the policy itself');
  return {};
}

/** A runner that fetches whatever is newest deploys by itself, at the next restart. */
function warnIfUnpinned({ command, args }: UpstreamConfig, key: string, { warnings }: Reading): void {
  const runner = /(?:^|\/)(npx|uvx|bunx)$/.exec(command)?.[1];
  const program = args.find((argument) => !argument.startsWith('-'));
  if (!runner || program === undefined || /(?:@|==)\d/.test(program)) return;
  warnings.push(`${key}: ${runner} fetches ${program} in whatever version is newest; pin it`);
}
