import type { Clock } from '../call/clock.js';
import { isSecretName } from '../config/secret-names.js';
import { LineFramer } from './line-framer.js';

const RING_BYTES = 64 * 1024;
const LINE_BYTES = 2 * 1024;
const LINES_A_SECOND = 10;
const MIN_SECRET_LENGTH = 4;

/**
 * A child's stderr: always read, or the child would block on it. The last 64 KiB are kept as they came and turned into
 * lines only when somebody asks; a few lines a second are told. Secrets from the child's environment never show.
 */
export class StderrRing {
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private readonly secrets: readonly string[];
  private framer: LineFramer;
  private second = Number.NEGATIVE_INFINITY;
  private told = 0;

  constructor(
    environment: Readonly<Record<string, string>>,
    private readonly clock: Clock,
    private readonly onLine: (line: string) => void,
  ) {
    this.secrets = Object.entries(environment)
      .filter(([name, value]) => isSecretName(name) && value.length >= MIN_SECRET_LENGTH)
      .map(([, value]) => value);
    this.framer = this.freshFramer();
  }

  push(chunk: Buffer): void {
    this.keep(chunk);
    if (this.mayTell()) this.framer.push(chunk);
    else this.framer = this.freshFramer();
  }

  /** The last lines, oldest first. */
  lastLines(count = 20): string[] {
    const lines = Buffer.concat(this.chunks).subarray(-RING_BYTES).toString().split(/\r?\n/);
    return lines
      .filter((line) => line.trim() !== '')
      .slice(-count)
      .map((line) => this.blanked(line).slice(0, LINE_BYTES));
  }

  private keep(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    for (let oldest = this.chunks[0]; oldest && this.size - oldest.length >= RING_BYTES; oldest = this.chunks[0]) {
      this.size -= oldest.length;
      this.chunks.shift();
    }
  }

  private mayTell(): boolean {
    if (this.clock.now() - this.second >= 1000) {
      this.second = this.clock.now();
      this.told = 0;
    }
    return this.told < LINES_A_SECOND;
  }

  private tell(line: string): void {
    this.told += 1;
    if (this.told <= LINES_A_SECOND) this.onLine(this.blanked(line));
  }

  private blanked(line: string): string {
    return this.secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line);
  }

  private freshFramer(): LineFramer {
    return new LineFramer(LINE_BYTES, {
      line: (text) => this.tell(text),
      oversize: ({ bytes }) => this.tell(`(a line of ${bytes} bytes)`),
    });
  }
}
