import type { LoggerService } from '@nestjs/common';
import pino, { type Logger } from 'pino';
import { errorFields } from './error-fields.js';
import { folded, formatted } from './line-format.js';
import { LogFile } from './log-file.js';
import type { LoggingConfig } from './logging.config.js';
import type { Redactor } from './redactor.js';

/** What a line may say beside its message; names are those of the log, `request_id`, `queue_wait_ms`. */
export type LogFields = Readonly<Record<string, unknown>>;

type Level = LoggingConfig['level'];

const PINO_LEVELS = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' } as const satisfies Record<Level, string>;
const LEVEL_NAMES: Readonly<Record<string, Level>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' };

/** Where Nest tells each module and each route it has put together. */
const START_UP: ReadonlySet<unknown> = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** The log: one line per event on stdout, and in a file when there is one. Also what Nest and `Logger` write to. */
export class BridgeLogger implements LoggerService {
  private readonly logger: Logger;
  private readonly files: readonly LogFile[];
  private onDrop: () => void = () => undefined;

  /** @param options `debug`: all levels, and stacks */
  constructor(
    private readonly config: Omit<LoggingConfig, 'arguments'>,
    private readonly redactor: Redactor,
    private readonly options: { readonly debug?: boolean } = {},
  ) {
    const paths = config.file === undefined ? [undefined] : [undefined, config.file];
    this.files = paths.map(
      (path) =>
        new LogFile(
          path,
          () => this.onDrop(),
          (trouble) => this.warn(trouble),
        ),
    );
    this.logger = pino(
      {
        level: PINO_LEVELS[options.debug ? 'DEBUG' : config.level],
        base: null,
        messageKey: 'message',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: LEVEL_NAMES[label] ?? 'ERROR' }) },
      },
      { write: (line: string) => this.writeLine(formatted(line, config)) },
    );
  }

  /** Whether a DEBUG line would be written; for lines that cost something to put together. */
  get isDebug(): boolean {
    return this.logger.isLevelEnabled('debug');
  }

  /** The least that is worth a line; to be changed while it runs. */
  get level(): Level {
    return LEVEL_NAMES[this.logger.level] ?? 'ERROR';
  }

  set level(level: Level) {
    this.logger.level = PINO_LEVELS[level];
  }

  /** From now on every line says which of several processes wrote it; to be called once. */
  signAs(replica: string): void {
    this.logger.setBindings({ replica });
  }

  event(level: Level, message: string, fields: LogFields = {}): void {
    const name = PINO_LEVELS[level];
    if (!this.logger.isLevelEnabled(name)) return;
    const shown = this.redactor.fields(this.withErrors(fields));
    const words = this.redactor.text(message);
    if (this.config.structured) this.logger[name](shown, words);
    else this.logger[name](folded(words, shown));
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.fromNest(START_UP.has(rest.at(-1)) ? 'DEBUG' : 'INFO', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.fromNest('ERROR', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.fromNest('ERROR', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.fromNest('WARNING', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.fromNest('DEBUG', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.fromNest('DEBUG', message, rest);
  }

  /** `count` is called once for each line that cannot be written. */
  countDrops(count: () => void): void {
    this.onDrop = count;
  }

  /** A finished line of another stream that shares stdout and the file. */
  writeLine(line: string): void {
    const safe = this.redactor.line(line);
    for (const file of this.files) file.write(safe);
  }

  async close(): Promise<void> {
    await Promise.all(this.files.map((file) => file.close()));
  }

  /** Nest passes the class's name last and, for errors, a stack before it. */
  private fromNest(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const details = rest.slice(0, -1).filter((detail) => detail !== undefined);
    const fields = { ...(typeof context === 'string' && { context }), ...Object.assign({}, ...details.map(asFields)) } as LogFields;
    if (message instanceof Error) this.event(level, message.message, { ...fields, error: message });
    else this.event(level, typeof message === 'string' ? message : JSON.stringify(message), fields);
  }

  private withErrors(fields: LogFields): LogFields {
    const isDebug = this.options.debug ?? false;
    return Object.fromEntries(
      Object.entries(fields)
        .filter(([key]) => key !== 'stack' || isDebug)
        .map(([key, value]) => [key, value instanceof Error ? errorFields(value, isDebug) : value]),
    );
  }
}

function asFields(detail: unknown): LogFields {
  if (detail instanceof Error) return { error: detail };
  if (typeof detail === 'string') return { stack: detail };
  return typeof detail === 'object' && detail !== null ? (detail as LogFields) : { detail };
}
