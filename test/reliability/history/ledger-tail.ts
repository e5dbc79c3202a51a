import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { LedgerLine } from './history.js';

type Started = Pick<LedgerLine, 'op' | 'pid' | 'replica' | 'ns'>;

/** The start lines that were written since the last look. */
export class LedgerTail {
  private readonly file: number;
  private at = 0;
  private half = '';

  /** @param from `end`: what was written before is passed over */
  constructor(path: string, from: 'beginning' | 'end' = 'beginning') {
    this.file = openSync(path, 'a+');
    if (from === 'end') this.at = fstatSync(this.file).size;
  }

  starts(): Started[] {
    const chunk = Buffer.allocUnsafe(65_536);
    let text = this.half;
    for (let length = this.read(chunk); length > 0; length = this.read(chunk)) text += chunk.toString('utf8', 0, length);
    const lines = text.split('\n');
    this.half = lines.pop() ?? '';
    return lines
      .filter((line) => line.includes('"ev":"start"'))
      .map((line) => JSON.parse(line) as Omit<Started, 'ns'> & { ns: string })
      .map(({ ns, ...line }) => ({ ...line, ns: Number(ns) }));
  }

  close(): void {
    closeSync(this.file);
  }

  private read(chunk: Buffer): number {
    const length = readSync(this.file, chunk, 0, chunk.length, this.at);
    this.at += length;
    return length;
  }
}
