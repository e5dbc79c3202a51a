import { destination } from 'pino';

/** Lines that wait for a slow disk, in bytes; past it they are dropped and counted. */
const MAX_WAITING_BYTES = 8_388_608;

type Stream = ReturnType<typeof destination>;

/**
 * Appends lines to a file, or to stdout when there is no path, in the background: a full or hanging disk costs lines,
 * never time. Opened anew on SIGHUP, after a rotation moved the file away. Trouble is told once until then.
 */
export class LogFile {
  private stream: Stream;
  private state: 'opening' | 'open' | 'failing' | 'absent' = 'opening';
  private readonly onHangUp = () => this.reopen();

  constructor(
    readonly path: string | undefined,
    private readonly onDrop: () => void,
    private readonly onTrouble: (message: string) => void,
  ) {
    this.stream = this.open();
    if (path !== undefined) process.on('SIGHUP', this.onHangUp);
  }

  write(line: string): void {
    if (this.state === 'absent') this.onDrop();
    else this.stream.write(line);
  }

  /** Resolves when everything is written, or cannot be. */
  close(): Promise<void> {
    process.off('SIGHUP', this.onHangUp);
    if (this.state === 'absent') return Promise.resolve();
    const { stream } = this;
    return new Promise((resolve) => {
      stream.once('close', resolve);
      stream.once('error', () => resolve());
      stream.end();
    });
  }

  private open(): Stream {
    const target = this.path === undefined ? { fd: 1 } : { dest: this.path, mode: 0o640 };
    const stream = destination({ ...target, sync: false, maxLength: MAX_WAITING_BYTES });
    stream.on('ready', () => (this.state = 'open'));
    stream.on('drop', this.onDrop);
    stream.on('error', (error: Error) => this.fail(error));
    return stream;
  }

  private reopen(): void {
    const wasAbsent = this.state === 'absent';
    this.state = 'opening';
    if (wasAbsent) this.stream = this.open();
    else this.stream.reopen(this.path);
  }

  /** Without a first opening there is nothing to write to; later the stream itself tries again with each line. */
  private fail(error: Error): void {
    const isNews = this.state === 'opening' || this.state === 'open';
    if (isNews) this.state = this.state === 'opening' ? 'absent' : 'failing';
    // At exit pino flushes the streams of whose end it has not heard: it throws over one that was never opened, and on a full
    // disk it tries for ever.
    this.stream.emit('close');
    if (isNews) this.onTrouble(`Cannot write to ${this.path ?? 'stdout'}: ${error.message}`);
  }
}
