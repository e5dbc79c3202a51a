import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkDemoWish } from './built-in-upstream.js';
import type { Problem } from './config-error.js';
import { Config } from './config.js';
import { crossCheck } from './cross-checks.js';
import { codeOf, Environment, type Variables } from './environment.js';
import { interpolate } from './interpolation.js';
import { ProblemList } from './problem-list.js';
import { fieldsOf } from './schema.js';
import { isMapping, type Mapping, type Place, Settings } from './settings.js';
import { readUpstreams } from './upstreams.js';
import { Validation } from './validation.js';
import { readYaml, type YamlSource } from './yaml-source.js';

/** Where a configuration comes from, weakest first: defaults, files in their order, variables, the command line. */
export interface ConfigSources {
  /** Paths, or the text of a JSON object. */
  readonly files?: readonly string[];
  readonly env?: Variables;
  readonly overrides?: { readonly host?: string; readonly port?: string };
  /** A command and its arguments: the upstream called `default`. */
  readonly upstream?: readonly string[];
}

export interface LoadedConfig {
  /** Frozen to its last entry. */
  readonly config: Config;
  /** Where a key, or what is nearest around it, was written; nowhere for a default. */
  readonly locate: (key: string) => { readonly file: string; readonly line?: number } | undefined;
  /** What works, and will be regretted. */
  readonly warnings: readonly string[];
  /** Values to blank in everything that is printed or logged. */
  readonly secrets: readonly string[];
}

/**
 * @param furtherProblems what others have against a configuration whose keys are right one by one; told with the rest
 * @throws ConfigError with everything that is wrong, and nothing else
 */
export function loadConfig(sources: ConfigSources, furtherProblems: (config: Config) => readonly Problem[] = () => []): LoadedConfig {
  const problems = new ProblemList();
  const warnings: string[] = [];
  const environment = new Environment(sources.env);
  const settings = collect(sources, environment, problems, warnings);

  checkDemoWish(environment, problems);
  const config = readConfig(settings, environment, problems, warnings);
  crossCheck(config, settings, problems, warnings);
  for (const problem of furtherProblems(config)) {
    if (problem.line === undefined) problems.at(settings, problem.key, problem.message);
    else problems.add(problem);
  }
  problems.throwIfAny();
  const secrets = [...environment.secrets, ...passwordsOf(config)];
  return { config: freeze(config), locate: (key) => settings.locate(key), warnings, secrets };
}

function collect(
  { files = [], overrides = {}, upstream }: ConfigSources,
  environment: Environment,
  problems: ProblemList,
  warnings: string[],
): Settings {
  const command = upstream ? commandSettings(upstream) : new Settings({});
  const layers = [
    command, // first, so that it is the default one
    ...files.map((file) => interpolate(readFile(file, problems, warnings), environment, problems)),
    environment.settings(problems),
    ...Object.entries(overrides).map(([name, value]) => Settings.at(['bridge', name], value, COMMAND_LINE)),
    command,
  ];
  return layers.reduce((earlier, later) => earlier.overlaidBy(later));
}

const COMMAND_LINE: Place = { file: 'command line', directory: process.cwd() };

function commandSettings([command = '', ...args]: readonly string[]): Settings {
  return Settings.at(['upstreams', 'default'], { command, args }, COMMAND_LINE);
}

function readFile(file: string, problems: ProblemList, warnings: string[]): Settings {
  const source = file.trimStart().startsWith('{') ? { text: file, file: '--config', directory: process.cwd() } : textOf(file, problems);
  return source ? withoutForeignKeys(readYaml(source, problems), source.file, warnings) : new Settings({});
}

function textOf(file: string, problems: ProblemList): YamlSource | undefined {
  try {
    return { text: readFileSync(file, 'utf8'), file, directory: dirname(resolve(file)) };
  } catch (cause) {
    problems.add({ file, key: '--config', message: `the file cannot be read (${codeOf(cause)})` });
    return undefined;
  }
}

/** A file that other MCP programs keep has an `mcpServers` object beside keys of their own; those are theirs. */
function withoutForeignKeys(settings: Settings, file: string, warnings: string[]): Settings {
  const names = Object.keys(settings.root);
  if (!names.includes('mcpServers') || names.some((name) => SECTIONS.includes(name))) return settings;
  const foreign = names.filter((name) => name !== 'mcpServers');
  if (foreign.length > 0) warnings.push(`${file}: passed over ${foreign.join(', ')}`);
  return settings.with({ mcpServers: settings.root.mcpServers ?? null });
}

/** Sections that fields do not describe: the names in them are the operator's. */
const OPEN = ['upstreams', 'mcpServers', 'policy'];
const SECTIONS = [...fieldsOf(Config).map(({ name }) => name), 'upstreams', 'policy'];

function readConfig(settings: Settings, environment: Environment, problems: ProblemList, warnings: string[]): Config {
  const validation = new Validation(settings, problems);
  const config = validation.fill(new Config(), settings.root, '', OPEN);
  config.upstreams = readUpstreams({ settings, environment, validation, problems, warnings }, config.sessionPool);
  config.policy = policyOf(settings, problems);
  resolvePaths(config, settings);
  agreeOnRedis(config, settings);
  return config;
}

function policyOf(settings: Settings, problems: ProblemList): Record<string, Mapping> {
  const policy = settings.get('policy') ?? {};
  if (!isMapping(policy)) {
    problems.at(settings, 'policy', 'expected a mapping by upstream');
    return {};
  }
  const entries = Object.entries(policy).filter((entry): entry is [string, Mapping] => {
    if (!isMapping(entry[1])) problems.at(settings, `policy.${entry[0]}`, 'expected a mapping in the shape of a policy file');
    return isMapping(entry[1]);
  });
  return Object.fromEntries(entries);
}

/** Paths are relative to the file that says them. */
function resolvePaths({ access, logging, audit }: Config, settings: Settings): void {
  const absolute = (key: string, path: string) => resolve(settings.locate(key)?.directory ?? '', path);
  if (access.keyFile !== undefined) access.keyFile = absolute('access.key_file', access.keyFile);
  if (access.jwt.keysFile !== undefined) access.jwt.keysFile = absolute('access.jwt.keys_file', access.jwt.keysFile);
  if (access.signingKeyFile !== undefined) access.signingKeyFile = absolute('access.signing_key_file', access.signingKeyFile);
  if (logging.file !== undefined) logging.file = absolute('logging.file', logging.file);
  if (audit.file !== undefined) audit.file = absolute('audit.file', audit.file);
}

/** A bridge has one Redis: the second cache level names it where `redis.url` does not, and the other way round. */
function agreeOnRedis({ redis, cache }: Config, settings: Settings): void {
  const { l2 } = cache.levels;
  if (!l2.enabled) return;
  if (redis.url === undefined) redis.url = l2.url;
  else if (settings.get('cache', 'levels', 'l2', 'url') === undefined) l2.url = redis.url;
}

function passwordsOf({ redis, cache }: Config): string[] {
  const urls = [redis.url, cache.levels.l2.url].filter((url) => url !== undefined && URL.canParse(url));
  return urls.map((url) => new URL(url ?? '').password).filter((password) => password !== '');
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}
