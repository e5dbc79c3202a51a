import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.js';

/** What a worker process tells of a hand-out: it has it, it may send, it would have sent, it is back. */
export interface Step {
  readonly step: 'claimed' | 'begun' | 'refused' | 'ended';
  readonly id: string;
  readonly held: boolean;
}

const HERE = import.meta.dirname;

/** A worker in a process of its own; its runs last until they are told to end, or until it dies. */
export class QueueProcess {
  readonly steps: Step[] = [];
  private readonly exited: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'exit');
    if (child.stdout) createInterface(child.stdout).on('line', (line) => this.steps.push(JSON.parse(line) as Step));
  }

  static async start(url: string, prefix: string, slots: number): Promise<QueueProcess> {
    const program = ['--import', join(HERE, 'run-typescript.mjs'), join(HERE, 'queue-worker.ts'), url, prefix, String(slots)];
    const worker = new QueueProcess(spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'inherit'] }));
    await eventually(() => worker.steps.some(({ id }) => id === 'ready'), Boolean, 20_000);
    return worker;
  }

  has(step: Step['step'], id: string): Promise<boolean> {
    return eventually(() => this.steps.some((seen) => seen.step === step && seen.id === id), Boolean, 20_000);
  }

  /** Ends a run that it has, as done. */
  finish(id: string): void {
    this.child.stdin?.write(`${id}\n`);
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
