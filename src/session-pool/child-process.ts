import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Clock } from '../call/clock.js';
import { inheritedEnvironment } from '../config/inherited-environment.js';
import { type ChildExit, exitReason } from './child-exit.js';
import type { ChildWarden } from './child-warden.js';
import { StartFailure } from './start-failure.js';
import { StderrRing } from './stderr-ring.js';
import type { UpstreamConfig } from './upstream.config.js';

/** The steps of an ending, from the polite one to the last. */
const STEPS = ['orderly', 'term', 'now'] as const;

export type Ending = (typeof STEPS)[number];

type LeaderExit = Pick<ChildExit, 'reason' | 'code' | 'signal'>;

const STEP_MS = 2000;

/** A child at the head of a process group of its own, which always ends as a whole. */
export class ChildProcess {
  /** The leader is gone, and the rest of its group with it. */
  readonly exited: Promise<LeaderExit>;
  /** Beyond that, all its pipes have been read to the end; never, when somebody outside the group holds one open. */
  readonly closed: Promise<void>;
  private step = -1;
  private signalled = false;
  private stopTimer: () => void = () => undefined;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    readonly pid: number,
    private readonly stderr: StderrRing,
    private readonly clock: Clock,
    private readonly warden: ChildWarden,
  ) {
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(this.bury(code, signal))));
    this.closed = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** @throws StartFailure `spawn` */
  static async spawn(
    upstream: UpstreamConfig,
    { clock, warden, onStderr }: { clock: Clock; warden: ChildWarden; onStderr: (line: string) => void },
  ): Promise<ChildProcess> {
    const child = await spawned(upstream, warden);
    const stderr = new StderrRing(upstream.env, clock, onStderr);
    return new ChildProcess(child, child.pid, stderr, clock, warden);
  }

  get stdin(): ChildProcessWithoutNullStreams['stdin'] {
    return this.child.stdin;
  }

  get stdout(): ChildProcessWithoutNullStreams['stdout'] {
    return this.child.stdout;
  }

  get lastLines(): readonly string[] {
    return this.stderr.lastLines();
  }

  /** Starts at the given step and goes on to the harder ones, two seconds each; resolves when the group is gone. */
  end(how: Ending): Promise<unknown> {
    const step = STEPS.indexOf(how);
    if (step > this.step) this.take(step);
    return this.exited;
  }

  /** Gives the pipes back, whoever may still hold their other ends. */
  release(): void {
    for (const pipe of this.child.stdio) pipe?.destroy();
  }

  private take(step: number): void {
    const how = STEPS[step];
    if (how === undefined || this.hasExited) return;
    this.step = step;
    this.stopTimer();
    if (how === 'orderly') this.child.stdin.end();
    else this.signal(how === 'term' ? 'SIGTERM' : 'SIGKILL');
    this.stopTimer = this.clock.after(STEP_MS, () => this.take(step + 1));
  }

  private get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** What `npx` or `uvx` left behind is killed with its leader. */
  private bury(code: number | null, signal: NodeJS.Signals | null): LeaderExit {
    const reason = exitReason(code, signal, this.signalled);
    this.stopTimer();
    this.signal('SIGKILL');
    this.warden.release(this.child);
    return { reason, code, signal };
  }

  private signal(signal: NodeJS.Signals): void {
    this.signalled = true;
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if (!isNobodyLeft(error)) throw error;
    }
  }
}

/** Resolves with a running child; pipes are missing on one that could not be started. */
async function spawned(
  { name, command, args, cwd, env }: UpstreamConfig,
  warden: ChildWarden,
): Promise<ChildProcessWithoutNullStreams & { pid: number }> {
  try {
    const child = warden.guard((mark) =>
      spawn(command, args, {
        cwd,
        env: { ...inheritedEnvironment(), ...env, ...mark },
        stdio: 'pipe',
        shell: false,
        // A group of its own, so that it can be ended with everything it started.
        detached: true,
      }),
    );
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.on('error', () => undefined);
    return child as ChildProcessWithoutNullStreams & { pid: number };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartFailure('spawn', `${name} cannot be run: ${why}`, [], { cause: error });
  }
}

/** Some systems say EPERM of a group that consists of zombies. */
function isNobodyLeft(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ESRCH' || code === 'EPERM';
}
