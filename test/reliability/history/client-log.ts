import { appendFileSync } from 'node:fs';
import type { Served } from '../../support/a-balancer.js';
import { type Asked, attemptKey, type ClientEvent } from './history.js';

/** What callers asked and were told, in memory and line by line in a file. */
export class ClientLog {
  readonly events: ClientEvent[] = [];
  /** By the port of the caller's connection: the attempts sent over it, in order. */
  private readonly byPort = new Map<number, string[]>();
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

  sent(asked: Asked, callerPort: number): void {
    const sent = this.byPort.get(callerPort);
    if (sent) sent.push(attemptKey(asked));
    else this.byPort.set(callerPort, [attemptKey(asked)]);
  }

  flush(): void {
    if (this.unwritten.length > 0) appendFileSync(this.file, `${this.unwritten.join('\n')}\n`);
    this.unwritten = [];
  }

  /** Which replica held an attempt: a balancer serves the requests of one connection in their order. */
  holders(served: readonly Served[], nameOf: (port: number) => string | undefined): ReadonlyMap<string, string> {
    const next = new Map<number, number>();
    const holders = new Map<string, string>();
    for (const { callerPort, port } of served) {
      const index = next.get(callerPort) ?? 0;
      next.set(callerPort, index + 1);
      const attempt = this.byPort.get(callerPort)?.[index];
      const name = port === undefined ? undefined : nameOf(port);
      if (attempt !== undefined && name !== undefined) holders.set(attempt, name);
    }
    return holders;
  }
}
