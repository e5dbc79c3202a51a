import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/support/eventually.js';
import { AuditLog } from './audit-log.js';
import { BridgeLogger } from './bridge-logger.js';
import { LogFile } from './log-file.js';
import { LoggingConfig } from './logging.config.js';
import { Redactor } from './redactor.js';

const CANARIES = ['canary-token-1', 'canary "quoted" \\ 2', 'canary/url?3&4', 'canary\nline-5', 'canary-ünïcode-6', 'can.*ary(7)'];

describe(BridgeLogger.name, () => {
  let folder: string;
  let file: string;
  let stdout: string;
  let logger: BridgeLogger;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'log-'));
    file = join(folder, 'bridge.log');
    stdout = '';
    const write = Object.getOwnPropertyDescriptor(LogFile.prototype, 'write')?.value as (this: LogFile, line: string) => void;
    jest.spyOn(LogFile.prototype, 'write').mockImplementation(function (this: LogFile, line) {
      if (this.path === undefined) stdout += line;
      else write.call(this, line);
    });
  });
  afterEach(async () => {
    await logger.close();
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  function begin(config: Partial<LoggingConfig> = {}, options = {}): BridgeLogger {
    logger = new BridgeLogger(Object.assign(new LoggingConfig(), { file, ...config }), new Redactor(CANARIES), options);
    return logger;
  }

  const written = async (lines: number): Promise<string[]> => {
    const read = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
    await eventually(() => read().length >= lines);
    return read();
  };

  it('writes a JSON line per event, with its fields', async () => {
    begin().signAs('r1');
    logger.event('WARNING', 'Slow call', { request_id: 'a', queue_wait_ms: 12 });
    const [line = ''] = await written(1);
    expect(JSON.parse(line)).toEqual({
      time: expect.stringMatching(/Z$/),
      level: 'WARNING',
      message: 'Slow call',
      replica: 'r1',
      request_id: 'a',
      queue_wait_ms: 12,
    });
    expect(stdout).toBe(`${line}\n`);
  });

  it('leaves out what is below its level', async () => {
    begin({ level: 'WARNING' }).event('INFO', 'one');
    logger.event('WARNING', 'two');
    expect(await written(1)).toEqual([expect.stringContaining('two')]);
  });

  it.each([
    [{ structured: false }, /"message":"Slow call n=1 who=\\"a b\\""/],
    [{ format: 'text' as const }, /^\S+Z INFO +Slow call n=1 who="a b"$/],
  ])('folds the fields into the message: %j', async (config, expected) => {
    begin(config).event('INFO', 'Slow call', { n: 1, nobody: undefined, who: 'a b' });
    expect((await written(1))[0]).toMatch(expected);
  });

  it.each(['json', 'text'] as const)('shows no secret and no control character in %s, wherever they came from', async (format) => {
    begin({ format }, { debug: true });
    for (const canary of CANARIES) {
      const error = new Error(`cannot log in with ${canary}`, { cause: new Error(canary) });
      logger.event('ERROR', `message ${canary}`, {
        error,
        url: `http://x/?t=${encodeURIComponent(canary)}`,
        nested: { deep: [canary, JSON.stringify({ canary })] },
      });
      logger.error(`nest ${canary}`, error.stack, 'Context');
    }
    logger.event('INFO', 'named', { token: 'unlisted', headers: { authorization: 'Bearer unlisted', 'x-api-key': 'unlisted' } });
    logger.event('INFO', 'line\r\nforged \u001b[2J \u0085 \u2028 \u202e \u200b \u{e0041}', { value: 'a\r\nb\u009b', 'k\u202ey': 1 });
    const lines = await written(2 * CANARIES.length + 2);

    expect(lines).toHaveLength(2 * CANARIES.length + 2);
    const all = lines.join('');
    for (const canary of [...CANARIES, 'unlisted']) {
      for (const form of [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary)]) expect(all).not.toContain(form);
    }
    expect(all).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u202e]/u);
  });

  it('loses nothing of what it writes as numbers', async () => {
    const message = 'a \u202e \u200b \u{e0041} z';
    begin().event('INFO', message, { value: 'a\r\nb\u009b' });
    const [line = ''] = await written(1);
    expect(line).toContain('a \\u202e \\u200b \\udb40\\udc41 z');
    expect(JSON.parse(line)).toMatchObject({ message, value: 'a\r\nb\u009b' });
  });

  it("shows no more of anybody's words than a reader needs, and no half of a secret", async () => {
    const long = `${'x'.repeat(8185)}${CANARIES[0]}${'y'.repeat(1_000_000)}`;
    begin().event('INFO', long, { detail: long, list: Array.from({ length: 1000 }, () => 1), [long]: true });
    const [line = ''] = await written(1);
    expect(line.length).toBeLessThan(30_000);
    expect(line).not.toContain('canary-');
    const { message, detail, list } = JSON.parse(line);
    expect([message.length < 8300, detail.endsWith('characters more)'), list.length, list.at(-1)]).toEqual([
      true,
      true,
      201,
      '… (800 more)',
    ]);
  });

  it('tells of errors by name, words and causes, and shows stacks only to who debugs', async () => {
    const error = new TypeError('outer', { cause: new Error('inner') });
    begin().event('ERROR', 'failed', { error });
    logger.error('nest', error.stack, 'Context');
    const lines = (await written(2)).map((line) => JSON.parse(line) as object);
    expect(lines[0]).toMatchObject({ error: { name: 'TypeError', message: 'outer', causes: ['Error: inner'] } });
    expect(lines[1]).toMatchObject({ level: 'ERROR', message: 'nest', context: 'Context' });
    expect(JSON.stringify(lines)).not.toContain('at ');
  });

  it('goes on in a new file after a rotation, on SIGHUP', async () => {
    begin().event('INFO', 'before');
    await written(1);
    renameSync(file, `${file}.1`);
    process.emit('SIGHUP');
    await eventually(() => existsSync(file));
    logger.event('INFO', 'after');
    expect(await written(1)).toEqual([expect.stringContaining('after')]);
    expect(readFileSync(`${file}.1`, 'utf8')).not.toContain('after');
  });

  it('warns once about a file that cannot be written, counts its lines and goes on', async () => {
    let dropped = 0;
    begin({ file: join(folder, 'missing', 'bridge.log') }).countDrops(() => (dropped += 1));
    await eventually(() => stdout.includes('Cannot write to'));
    for (let i = 0; i < 5; i++) logger.event('INFO', `line ${i}`);
    expect(dropped).toBeGreaterThanOrEqual(5);
    expect(stdout.match(/Cannot write to/g)).toHaveLength(1);
    expect(stdout).toContain('line 4');
  });

  it('survives a full disk: lines are dropped and counted, and no time is lost', async () => {
    let dropped = 0;
    begin({ file: '/dev/full' }).countDrops(() => (dropped += 1));
    const startedAt = performance.now();
    for (let i = 0; i < 2000; i++) logger.event('INFO', 'x'.repeat(8192));
    expect(performance.now() - startedAt).toBeLessThan(2000);
    await eventually(() => stdout.includes('Cannot write to'));
    expect(dropped).toBeGreaterThan(0);
    expect(stdout.match(/Cannot write to/g)).toHaveLength(1);
  });

  it('carries audit rows on stdout, marked as such, or in a file of their own', async () => {
    const row = {
      principal: 'kitchen',
      upstream: 'house',
      tool: 'set',
      lockKeys: ['house/a'],
      argumentsHash: 'ab',
      sequence: 7,
      outcome: 'unknown',
      requestId: 'r',
    } as const;
    begin();
    new AuditLog({}, new Redactor([]), logger, () => undefined).record(row);
    const [line = ''] = await written(1);
    expect(JSON.parse(line)).toEqual({
      time: expect.any(String),
      stream: 'audit',
      principal: 'kitchen',
      upstream: 'house',
      tool: 'set',
      lock_keys: ['house/a'],
      arguments_hash: 'ab',
      sequence: 7,
      outcome: 'unknown',
      request_id: 'r',
    });

    const own = join(folder, 'audit.log');
    const audit = new AuditLog({ file: own }, new Redactor(['kitchen']), logger, () => undefined);
    audit.record(row);
    await audit.onApplicationShutdown();
    expect(JSON.parse(readFileSync(own, 'utf8'))).toMatchObject({ principal: '[redacted]', outcome: 'unknown' });
  });
});
