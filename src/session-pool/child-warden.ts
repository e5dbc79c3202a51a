import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../call/clock.js';

/**
 * Remembers the groups it is told; when the pipe to us ends, however we ended, it terminates those still listed. Some
 * shells refuse `kill -TERM -- -group`, all take `kill -s TERM -- -group`.
 */
const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
  esac
done
[ "$groups" = ' ' ] && exit
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
sleep 1
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
`;

const RESTART_MS = 1000;

/**
 * Sees to it that no process group outlives this process, not even when it is killed: a small shell outside our own
 * group does what we can no longer do. One for the whole bridge; it starts with the first child.
 */
export class ChildWarden {
  private readonly groups = new Set<number>();
  private shell: ChildProcess | undefined;
  private startedAt = Number.NEGATIVE_INFINITY;
  private stopTimer: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** Undefined until the first child, and between a death and the next start. */
  get pid(): number | undefined {
    return this.shell?.pid;
  }

  guard(group: number): void {
    this.groups.add(group);
    if (this.shell) this.tell(`+${group}\n`);
    else this.start();
  }

  release(group: number): void {
    this.groups.delete(group);
    this.tell(`-${group}\n`);
  }

  /** Nothing is guarded any more. */
  close(): void {
    this.groups.clear();
    this.stopTimer();
    const shell = this.shell;
    this.shell = undefined;
    shell?.kill('SIGKILL');
  }

  private start(): void {
    this.startedAt = this.clock.now();
    const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT], {
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.shell = shell;
    const lost = (): void => this.restart(shell);
    shell.once('exit', lost);
    shell.once('error', lost);
    // Missing when there was no descriptor left for it.
    shell.stdin?.on('error', () => undefined);
    shell.unref();
    this.tell([...this.groups].map((group) => `+${group}\n`).join(''));
  }

  /** At once, or after a second when the last one lived for less. */
  private restart(shell: ChildProcess): void {
    if (this.shell !== shell) return;
    this.shell = undefined;
    if (this.groups.size === 0) return;
    const waitMs = Math.max(0, this.startedAt + RESTART_MS - this.clock.now());
    this.stopTimer = this.clock.after(waitMs, () => {
      if (!this.shell && this.groups.size > 0) this.start();
    });
  }

  private tell(line: string): void {
    this.shell?.stdin?.write(line);
  }
}
