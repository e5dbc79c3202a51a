import { cut } from '../call/shown-text.js';
import { LogFile } from './log-file.js';
import type { AuditConfig } from './audit.config.js';
import type { BridgeLogger } from './bridge-logger.js';
import type { Redactor } from './redactor.js';

/** In characters: ids of entities come from callers, and a line is for reading. */
const LONGEST_KEY = 512;

/** One write that somebody asked for, whatever became of it. */
export interface AuditRow {
  readonly principal: string;
  readonly upstream: string;
  readonly tool: string;
  /** Lock paths joined by `/`. */
  readonly lockKeys: readonly string[];
  readonly argumentsHash: string;
  /** Order of acceptance; absent when it was never accepted. */
  readonly sequence?: number;
  readonly outcome: 'done' | 'failed' | 'not_started' | 'unknown';
  readonly requestId?: string;
}

/** Who moved what: one JSON line per write, appended and never changed, in a file of its own or marked on stdout. */
export class AuditLog {
  private readonly file?: LogFile;

  constructor(
    config: Pick<AuditConfig, 'file'>,
    private readonly redactor: Redactor,
    private readonly logger: BridgeLogger,
    onDrop: () => void,
  ) {
    if (config.file !== undefined) this.file = new LogFile(config.file, onDrop, (trouble) => logger.warn(trouble, AuditLog.name));
  }

  record(row: AuditRow): void {
    const line = `${JSON.stringify({
      time: new Date().toISOString(),
      ...(this.file === undefined && { stream: 'audit' }),
      principal: row.principal,
      upstream: row.upstream,
      tool: row.tool,
      lock_keys: row.lockKeys.map((key) => cut(key, LONGEST_KEY)),
      arguments_hash: row.argumentsHash,
      sequence: row.sequence,
      outcome: row.outcome,
      request_id: row.requestId,
    })}\n`;
    if (this.file === undefined) this.logger.writeLine(line);
    else this.file.write(this.redactor.line(line));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.file?.close();
  }
}
