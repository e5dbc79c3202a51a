import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { transformFileSync } from '@swc/core';
import { isRunning } from './session-kit.js';

const SOURCE = join(__dirname, '..', '..', 'src', 'session-pool', 'child-warden.ts');
const SERVER = join(__dirname, '..', 'servers', 'misbehaving.mjs');

/** A program of its own, so that it can be killed: the real warden in it guards stubborn children. */
export interface DoomedParent {
  readonly process: ChildProcess;
  readonly warden: number;
  /** Children and grandchildren. */
  readonly pids: readonly number[];
  /** Resolves when a warden that took the place of this one has been told whom it guards. */
  readonly nextWarden: () => Promise<unknown>;
}

export class DoomedParents {
  private readonly folder = mkdtempSync(join(tmpdir(), 'warden-'));
  private readonly started: number[] = [];
  private readonly wardenModule = join(this.folder, 'child-warden.mjs');

  constructor() {
    const { code } = transformFileSync(SOURCE, { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } });
    writeFileSync(this.wardenModule, code);
  }

  /** @param children how many, or `die-in-mid-start`: one, and the parent is killed before it can say whom */
  async start(children: number | 'die-in-mid-start'): Promise<DoomedParent> {
    const program = [join(__dirname, 'doomed-bridge.mjs'), this.wardenModule, SERVER, String(children)];
    const parent = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
    const next = async <T>(): Promise<T> => {
      const { value, done } = await lines.next();
      if (done) throw new Error('the parent ended before it had told its children');
      return JSON.parse(value) as T;
    };
    const { warden, pids } = await next<{ warden: number; pids: number[] }>();
    this.started.push(...pids);
    return { process: parent, warden, pids, nextWarden: () => next() };
  }

  /** Ends whom a failed test may have left. */
  close(): void {
    for (const pid of this.started.filter(isRunning)) process.kill(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true });
  }
}
