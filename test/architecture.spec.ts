import { importCycles, type SourceFile, sourceFiles } from './support/source-tree.js';

const all = sourceFiles('src');
const product = all.filter(({ path }) => !path.endsWith('.spec.ts'));

/** Which rooms a room may import from, beside itself and `call/`; a room not listed here is new and has to be placed. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  call: [],
  config: ['access', 'bridge', 'cache', 'execution', 'launch', 'logging', 'metrics', 'queue', 'redis', 'session-pool', 'tracing'],
  logging: ['config', 'metrics'],
  metrics: ['bridge', 'cache', 'config', 'execution', 'queue', 'redis', 'session-pool', 'shared-state'],
  tracing: ['config', 'logging', 'redis'],
  access: ['config', 'logging', 'metrics', 'shared-state'],
  policy: ['config', 'queue', 'session-pool'],
  cache: ['config', 'shared-state'],
  'shared-state': ['config', 'redis'],
  redis: ['config'],
  queue: ['config', 'redis'],
  'session-pool': ['config', 'shared-state'],
  execution: ['config', 'cache', 'metrics', 'queue', 'session-pool', 'shared-state', 'tracing'],
  bridge: ['access', 'cache', 'config', 'execution', 'logging', 'metrics', 'policy', 'queue', 'session-pool', 'shared-state', 'tracing'],
  health: ['access', 'bridge', 'cache', 'config', 'metrics', 'policy', 'queue', 'session-pool', 'shared-state'],
  launch: ['access', 'config', 'health', 'logging', 'metrics', 'policy', 'queue', 'session-pool', 'shared-state'],
  'home-assistant-server': [],
};

describe('The house', () => {
  it('loads bullmq and ioredis only in the rooms of the cluster, and not before one starts', () => {
    expect(importersOf(/^(bullmq|ioredis)$/, /^src\/(queue\/bullmq|redis|shared-state\/redis)/)).toEqual([]);
    expect(mentions(/^import (?!type )[^;]*from '(?:bullmq|ioredis)'/m, /^$/)).toEqual([]);
  });

  it('loads opentelemetry only where calls are traced, and not before one is', () => {
    expect(importersOf(/^@opentelemetry\//, /^src\/tracing\//)).toEqual([]);
    expect(mentions(/^import (?!type )[^;]*from '@opentelemetry\//m, /^$/)).toEqual([]);
  });

  it('starts child processes only in the session pool and the launcher', () => {
    expect(importersOf(/^(node:)?child_process$/, /^src\/(session-pool|launch)\//)).toEqual([]);
  });

  it('reads the environment only where configuration is made', () => {
    expect(mentions(/process\.env/, /^src\/(config\/|home-assistant-server\/(demo\/)?settings\.ts)/)).toEqual([]);
  });

  it('writes HTTP status numbers only in the error table', () => {
    const statusNumber = /(?:\.status|\.statusCode\s*=|HttpCode|writeHead|sendStatus|http:)\s*\(?\s*[1-5]\d\d\b/;
    expect(mentions(statusNumber, /^src\/(call\/bridge-error\.ts|bridge\/error\.filter\.ts|home-assistant-server\/)/)).toEqual([]);
  });

  it('knows Home Assistant only in its server and its policy file', () => {
    const words = /entity_id|['"`]light\.|hass:\/\//;
    expect(mentions(words, /^src\/home-assistant-server\//)).toEqual([]);
  });

  it('keeps the Home Assistant server a program of its own', () => {
    const isInside = (path: string) => path.startsWith('src/home-assistant-server/');
    const crossing = product.flatMap(({ path, imports }) =>
      imports.filter((target) => target.startsWith('src/') && isInside(path) !== isInside(target)).map((target) => `${path} -> ${target}`),
    );
    expect(crossing).toEqual([]);
  });

  it('imports between rooms only along the path of a call', () => {
    const foreign = product.flatMap(({ path, imports }) =>
      imports.filter((target) => !mayImport(roomOf(path), roomOf(target))).map((target) => `${path} -> ${target}`),
    );
    expect(foreign).toEqual([]);
  });

  it('lets the two halves of a call meet only at the queue', () => {
    const halves = product
      .filter(({ path }) => path.startsWith('src/queue/'))
      .flatMap(({ path, imports }) =>
        imports.filter((target) => /^src\/(execution|bridge|session-pool|cache)\//.test(target)).map((target) => `${path} -> ${target}`),
      );
    expect(halves).toEqual([]);
  });

  it('has no cycle of imports, no forwardRef, no barrel and no default export', () => {
    expect(importCycles(product)).toEqual([]);
    expect(mentions(/forwardRef|export default/, /^$/)).toEqual([]);
    expect(product.map(({ path }) => path).filter((path) => path.endsWith('/index.ts'))).toEqual([]);
  });

  it('has no room called after nothing', () => {
    expect(product.map(({ path }) => path).filter((path) => /\/(utils?|common|types|interfaces|dto|shared|helpers)\//.test(path))).toEqual(
      [],
    );
  });

  it('takes no escape from its own rules', () => {
    expect(mentionsInText(/eslint-disable|@ts-ignore|@ts-expect-error|\bas any\b/)).toEqual([]);
  });

  it('waits for no signal that may be collected before it comes', () => {
    expect(mentions(/AbortSignal\.any\(/, /^$/)).toEqual([]);
  });

  it('ends every name of a duration in its unit', () => {
    expect(mentions(/\b(?:const|readonly|let)\s+\w*(?:[tT]imeout|[dD]elay|[iI]nterval)\s*[:=]\s*\d/, /^$/)).toEqual([]);
  });
});

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function mayImport(from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined || from === to || to === 'call') return true;
  return ROOMS[from]?.includes(to) ?? false;
}

function importersOf(target: RegExp, allowed: RegExp): readonly string[] {
  return product.filter(({ path, imports }) => !allowed.test(path) && imports.some((name) => target.test(name))).map(({ path }) => path);
}

function mentions(words: RegExp, allowed: RegExp): readonly string[] {
  return product.filter(({ path, code }) => !allowed.test(path) && words.test(code)).map(({ path }) => path);
}

function mentionsInText(words: RegExp): readonly string[] {
  return all.filter(({ text }: SourceFile) => words.test(text)).map(({ path }) => path);
}
