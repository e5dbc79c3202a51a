import { appendFileSync } from 'node:fs';
import type { ClientEvent } from './history.js';

/** What callers asked and were told, in memory and line by line in a file. */
export class ClientLog {
  readonly events: ClientEvent[] = [];
  private readonly answers = new Map<string, number>();
  private readonly written = new Set<string>();
  private unwritten: string[] = [];

  constructor(private readonly file: string) {}

  add(event: ClientEvent): void {
    this.events.push(event);
    if (event.is !== 'inv') this.answers.set(event.is, (this.answers.get(event.is) ?? 0) + 1);
    else if (event.kind === 'write') this.written.add(event.op);
    this.unwritten.push(JSON.stringify(event));
    if (this.unwritten.length >= 200) this.flush();
  }

  /** Writes that were asked for, repeats not counted. */
  get writes(): number {
    return this.written.size;
  }

  get summary(): string {
    return [`${this.writes} writes`, ...[...this.answers].map(([is, count]) => `${count} ${is}`)].join(', ');
  }

  flush(): void {
    if (this.unwritten.length > 0) appendFileSync(this.file, `${this.unwritten.join('\n')}\n`);
    this.unwritten = [];
  }
}
