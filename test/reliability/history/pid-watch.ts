import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Nanoseconds } from './history.js';
import { now } from './now.js';

const EVERY_MS = 20;

/**
 * Notes when each child that ever started a call was last seen alive: without it, a write that never ended overlaps
 * with nothing.
 */
export class PidWatch {
  private readonly seen = new Map<number, { readonly birth: string; aliveNs: Nanoseconds; isDead: boolean }>();
  private readonly tail: LedgerTail;
  private readonly timer: NodeJS.Timeout;

  constructor(ledger: string) {
    this.tail = new LedgerTail(ledger);
    this.timer = setInterval(() => this.look(), EVERY_MS);
  }

  /** Of the dead alone. */
  stop(): ReadonlyMap<number, Nanoseconds> {
    clearInterval(this.timer);
    this.look();
    this.tail.close();
    return new Map([...this.seen].flatMap(([pid, { aliveNs, isDead }]) => (isDead ? [[pid, aliveNs]] : [])));
  }

  /** Looks by itself every now and then. */
  look(): void {
    for (const { pid, ns } of this.tail.starts()) {
      if (!this.seen.has(pid)) this.seen.set(pid, { birth: birthOf(pid) ?? 'gone', aliveNs: ns, isDead: false });
    }
    for (const [pid, child] of this.seen) {
      if (child.isDead) continue;
      if (birthOf(pid) === child.birth) child.aliveNs = now();
      else child.isDead = true;
    }
  }
}

/** When the kernel started it: a pid that is used again is another process. Nothing once it is dead, reaped or not. */
function birthOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** The start lines that were written since the last look. */
class LedgerTail {
  private readonly file: number;
  private at = 0;
  private half = '';

  constructor(path: string) {
    this.file = openSync(path, 'a+');
  }

  starts(): { pid: number; ns: Nanoseconds }[] {
    const chunk = Buffer.allocUnsafe(65_536);
    let text = this.half;
    for (let length = this.read(chunk); length > 0; length = this.read(chunk)) text += chunk.toString('utf8', 0, length);
    const lines = text.split('\n');
    this.half = lines.pop() ?? '';
    return lines
      .filter((line) => line.includes('"ev":"start"'))
      .map((line) => JSON.parse(line) as { pid: number; ns: string })
      .map(({ pid, ns }) => ({ pid, ns: Number(ns) }));
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
