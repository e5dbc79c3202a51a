import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Config } from './config.js';
import { ConfigError, type Problem } from './config-error.js';
import { type ConfigSources, loadConfig } from './load-config.js';
import { everyKey } from './schema.js';

const directory = mkdtempSync(join(tmpdir(), 'bridge-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function aFile(text: string, name = `bridge-${(files += 1)}.yaml`): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function load(text: string, more: ConfigSources = {}) {
  return loadConfig({ files: [aFile(text)], env: {}, ...more });
}

function problemsOf(text: string, more: ConfigSources = {}): readonly Problem[] {
  try {
    load(text, more);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('has every default without any source', () => {
    const { config, warnings } = loadConfig({ env: {} });
    expect(config).toEqual(Object.assign(new Config(), { upstreams: config.upstreams }));
    expect(warnings).toEqual([]);
  });

  it('takes the last word: defaults, files in order, variables, command line', () => {
    const first = aFile('bridge: {port: 1, host: "::1"}\nqueue: {max_size: 1, timeout_seconds: 1, max_retries: 1}');
    const second = aFile('queue: {max_size: 2, timeout_seconds: 2}');
    const { config } = loadConfig({ files: [first, second], env: { BRIDGE__QUEUE__MAX_SIZE: '3' }, overrides: { port: '4' } });
    expect(config.queue).toMatchObject({ maxSize: 3, timeoutSeconds: 2, maxRetries: 1, priorityEnabled: true });
    expect(config.bridge).toMatchObject({ port: 4, host: '::1' });
  });

  it('is frozen to its last entry', () => {
    const { config } = load('upstreams: {a: {command: node, args: [x], env: {B: c}}}');
    expect(Object.isFrozen(config.upstreams[0]?.args) && Object.isFrozen(config.queue) && Object.isFrozen(config.upstreams)).toBe(true);
  });

  it('finds no wrong key in the file that the first users have', () => {
    const text = readFileSync('test/fixtures/first-users-bridge.yaml', 'utf8');
    const problems = problemsOf(text);
    expect(problems.map(({ key }) => key)).toEqual(['bridge.workers']);
    expect(problemsOf(text, { env: { REDIS_URL: 'redis://localhost:6379' } })).toEqual([]);
  });

  it('tells everything that is wrong at once, each with its line and what was meant', () => {
    const file = aFile('queue:\n  max_sise: 5\n  max_retries: 99\nbrigde: {}\n', 'wrong.yaml');
    expect(() => loadConfig({ files: [file], env: { BRIDGE__CACHE__ENABLD: 'true' } })).toThrow(
      [
        `${file}:2 queue.max_sise: unknown key, did you mean queue.max_size?`,
        `${file}:4 brigde: unknown key, did you mean bridge?`,
        `environment cache.enabld: unknown key, did you mean cache.enabled?`,
        `${file}:3 queue.max_retries: expected an integer from 0 to 10, found 99`,
      ].join('\n'),
    );
  });

  it.each(everyKey().map(({ key }) => key))('tells the line of a wrong %s', (key) => {
    const names = key.split('.');
    const lines = names.map((name, depth) => `${'  '.repeat(depth)}${name}:`);
    const text = `# one\n${lines.join('\n')} {not: this}\n`;
    const told = problemsOf(text).filter((problem) => problem.key === key);
    expect(told).toEqual([expect.objectContaining({ line: names.length + 1, message: expect.stringContaining('expected ') })]);
  });

  it.each(everyKey().map(({ key }) => key))('tells the line of a misspelt %s', (key) => {
    const names = key.split('.');
    const lines = names.map((name, depth) => `${'  '.repeat(depth)}${name}${depth === names.length - 1 ? 'x' : ''}:`);
    expect(problemsOf(lines.join('\n'))).toEqual([
      { key: `${key}x`, message: `unknown key, did you mean ${key}?`, file: expect.any(String), line: names.length },
    ]);
  });

  it('takes an empty entry for the default', () => {
    const { config } = load('queue:\naccess: {keys: , key_file: }\nredis: {url: ""}');
    expect(config.queue.maxSize).toBe(1000);
    expect(config.redis.url).toBeUndefined();
  });

  it('knows where a key was written', () => {
    const file = aFile('\nqueue:\n  max_size: 5\nupstreams: {a: {command: x, args: [1a, 2b]}}');
    const { locate } = loadConfig({ files: [file], env: {} });
    expect(locate('queue.max_size')).toMatchObject({ file, line: 3 });
    expect(locate('upstreams.a.args[1]')).toMatchObject({ file, line: 4 });
    expect(locate('queue.max_retries')).toMatchObject({ file, line: 2 });
    expect(locate('cache.enabled')).toBeUndefined();
  });

  it('never shows a value that may be a secret', () => {
    const text =
      'redis: {url: [hunter2], prefix: "hunter2 !"}\naccess: {keys: [{name: "hunter2 ?", sha256: hunter2}]}\naudit: {file: *hunter2}';
    const told = problemsOf(text).concat(problemsOf(text.replace('*', '')));
    expect(told.length).toBeGreaterThan(3);
    expect(JSON.stringify(told)).not.toContain('hunter2');
  });

  it('says why a file cannot be read', () => {
    expect(() => loadConfig({ files: ['/nowhere.yaml'], env: {} })).toThrow('/nowhere.yaml --config: the file cannot be read (ENOENT)');
  });

  it('says the line of a text that is no YAML or more than one, of an unknown alias and a tree without end', () => {
    expect(problemsOf('queue:\n  max_size: 1\n  max_size: 2')).toEqual([expect.objectContaining({ key: 'syntax', line: 3 })]);
    expect(problemsOf('- queue')).toEqual([expect.objectContaining({ message: 'expected a mapping of keys' })]);
    expect(problemsOf('policy: &a {home-assistant: *a}')).toHaveLength(1);
    expect(problemsOf('---\nqueue: {}\n---\nqueue: {max_size: 5}')).toEqual([
      expect.objectContaining({ key: 'syntax', line: 3, message: expect.stringContaining('one document') }),
    ]);
  });

  it('treats names that every object has like any other unknown key', () => {
    expect(problemsOf('__proto__: {polluted: 1}\nconstructor: 1\nqueue: {toString: 1}').map(({ key }) => key)).toEqual([
      '__proto__',
      'constructor',
      'queue.toString',
    ]);
    expect({}).not.toHaveProperty('polluted');
  });

  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .dictionary(
        fc.constantFrom('bridge', 'queue', 'access', 'upstreams', 'policy', 'mcpServers', '__proto__', 'cache', 'redis', 'x'),
        fc.jsonValue(),
      )
      .map((value) => JSON.stringify(value)),
    fc
      .tuple(fc.constantFrom(...everyKey().map(({ key }) => key)), fc.jsonValue())
      .map(([key, value]) => key.split('.').reduceRight((inner, name) => `{"${name}": ${inner}}`, JSON.stringify(value))),
  );

  it('loads or throws a ConfigError, whatever it reads', () => {
    fc.assert(
      fc.property(
        anything,
        fc.dictionary(fc.constantFrom('BRIDGE__QUEUE', 'BRIDGE____', 'BRIDGE__UPSTREAMS__A__ENV__B', 'REDIS_URL'), fc.string()),
        (text, env) => {
          const file = aFile(text, 'anything.yaml');
          try {
            expect(loadConfig({ files: [file], env }).config).toBeInstanceOf(Config);
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
