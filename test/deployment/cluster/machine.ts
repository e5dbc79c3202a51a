import { type ChildProcess, type ChildProcessByStdio, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { eventually } from '../../support/eventually.js';
import { childrenOf } from '../../support/processes.js';

/** Where programs of the machine are reached; its way out leads nowhere, and the API server wants one all the same. */
export const ADDRESS = '10.99.0.1';
const NETWORK = `
ip link set lo up
ip link add v0 type veth peer name v1
ip addr add ${ADDRESS}/24 dev v0
ip link set v0 up
ip link set v1 up
ip route add default via 10.99.0.254 dev v0
mount --make-rshared /
`;
const LARGEST_OUTPUT = 64 * 1024 * 1024;
const UP_MS = 120_000;

export type Program = ChildProcessByStdio<Writable, Readable, null>;

/**
 * A machine inside this one, with a network, mounts and processes of its own: ports are free, and interfaces, firewall
 * and sysctls of this machine stay as they are. Whatever runs in it ends with it, and it ends with this process.
 */
export class Machine {
  /** For files of what runs in it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'machine-'));
  /** Of the control group that what it starts may use: groups outlive their processes, and a machine takes its own away. */
  readonly group = basename(this.folder);
  /** Of everything that is started in it. */
  readonly environment: Record<string, string> = { HOME: this.folder };
  private readonly daemons = new Map<string, ChildProcess>();

  /** @throws Error unless root */
  static async start(): Promise<Machine> {
    const own = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
    // its first process reaps what others leave behind, and ends when this process does: that closes its stdin
    const first = spawn('unshare', [...own, 'bash', '-c', 'echo up; read -r'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = once(first, 'exit').then(() => Promise.reject(new Error('A machine of its own needs root and Linux')));
    await Promise.race([once(first.stdout, 'data'), failed]);
    failed.catch(() => undefined);
    const machine = new Machine(first, childrenOf(first.pid!)[0]!);
    await machine.run('sh', '-ec', NETWORK);
    return machine;
  }

  private constructor(
    private readonly first: Program,
    private readonly pid: number,
  ) {}

  /** Runs a program to its end and answers what it printed; paths have to be absolute. @throws Error with what it said */
  run(program: string, ...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { env: this.env, maxBuffer: LARGEST_OUTPUT };
      execFile('nsenter', this.inside(program, args), options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`));
        else resolve(stdout.trim());
      });
    });
  }

  /** Starts a program that is told when to end by the end of its stdin. */
  begin(program: string, ...args: readonly string[]): Program {
    return spawn('nsenter', this.inside(program, args), { env: this.env, stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** Starts a program that runs until the machine ends, and waits for it. @throws Error with its last words */
  async serve(
    name: string,
    command: readonly [string, ...string[]],
    isUp: () => Promise<unknown> = () => Promise.resolve(true),
  ): Promise<void> {
    const [program, ...args] = command;
    const log = openSync(this.logOf(name), 'a');
    const daemon = spawn('nsenter', this.inside(program, args), { env: this.env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.daemons.set(name, daemon);
    const look = () => {
      if (daemon.exitCode !== null) throw new Error('it ended');
      return isUp().then(Boolean, () => false);
    };
    await eventually(look, Boolean, UP_MS).catch((cause: unknown) => {
      throw new Error(`${name} does not start:\n${this.lastWordsOf(name)}`, { cause });
    });
  }

  /** With everything that runs in it. */
  async close(): Promise<void> {
    if (this.first.exitCode === null) {
      this.first.stdin.end();
      await once(this.first, 'exit');
    }
    for (const daemon of this.daemons.values()) if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
    execFileSync('find', ['/sys/fs/cgroup', '-ignore_readdir_race', '-depth', '-type', 'd', '-path', `*/${this.group}*`, '-delete']);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  lastWordsOf(name: string): string {
    return readFileSync(this.logOf(name), 'utf8').trim().split('\n').slice(-15).join('\n');
  }

  private inside(program: string, args: readonly string[]): string[] {
    return ['--target', String(this.pid), '--net', '--mount', '--pid', '--', program, ...args];
  }

  private logOf(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.environment };
  }
}
