import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Tally } from '../load.js';
import type { Machine, Program } from './machine.js';

const SOURCES = ['--import', resolve('test/support/run-typescript.mjs'), resolve('test/deployment/cluster/callers.ts')];

export interface Manner {
  readonly connections: 'kept' | 'new';
  readonly clients: number;
  /** Short reads and writes of twenty things; calls of half a second; calls that last longer than a pod hesitates to leave. */
  readonly kind: 'mixed' | 'slow' | 'long';
}

/** Callers in a process of their own, so that what they measure is not this one's. */
export class Crowd {
  static begin(machine: Machine, url: string, key: string, { connections, clients, kind }: Manner): Crowd {
    return new Crowd(machine.begin(process.execPath, ...SOURCES, url, key, connections, String(clients), kind));
  }

  private readonly tally: Promise<string>;

  private constructor(private readonly program: Program) {
    this.tally = text(program.stdout);
  }

  async stop(): Promise<Tally> {
    this.program.stdin.end();
    if (this.program.exitCode === null) await once(this.program, 'exit');
    return JSON.parse(await this.tally) as Tally;
  }
}
