import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Clock } from '../call/clock.js';

/** In the environment of every child, so that one can be found that nobody had the time to name. */
const MARK = 'HTTP_MCP_BRIDGE_WARDEN';

/**
 * Remembers the groups it is told; when the pipe to us ends, however we ended, it terminates those still listed. A start
 * that was announced (`?`) and never named (`+` with its group, or `=` when there is none) is looked for by its mark,
 * where there is a /proc. The last step is a trap: it is taken too on a machine that has no room left to start `sleep`.
 * Some shells refuse `kill -TERM -- -group`, all take `kill -s TERM -- -group`.
 */
const SCRIPT = `
trap '' HUP INT TERM
groups=' '
starting=
while read -r line; do
  group=\${line#?}
  case $line in
    \\?) starting=yes ;;
    =) starting= ;;
    +*) starting= groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
  esac
done
[ "$groups$starting" = ' ' ] && exit
signal() {
  [ "$starting" ] && for file in $(grep -ls "$0" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    groups="$groups\${pid%/environ} "
  done
  for group in $groups; do kill -s "$1" -- "-$group" 2>/dev/null; done
}
trap 'signal KILL' EXIT
signal TERM
sleep 1
`;

const RESTART_MS = 1000;

/** The first process of a group, which is named after it; without an id, when it could not be started. */
interface Leader {
  readonly pid?: number | undefined;
}

/**
 * Sees to it that no process group outlives this process, not even when it is killed: a small shell outside our own
 * group does what we can no longer do. One for the whole bridge; it starts just before the first child.
 */
export class ChildWarden {
  private readonly id = randomUUID();
  private readonly groups = new Set<number>();
  private shell: ChildProcess | undefined;
  private startedAt = Number.NEGATIVE_INFINITY;
  private stopTimer: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** Undefined before the first child, and between a death and the next start. */
  get pid(): number | undefined {
    return this.shell?.pid;
  }

  /**
   * Starts a process at the head of a group of its own, guarded from its first moment.
   * @param start is called once, with what the process must find in its environment
   */
  guard<T extends Leader>(start: (mark: Readonly<Record<string, string>>) => T): T {
    if (!this.shell) this.start();
    this.tell('?\n');
    const leader = start({ [MARK]: this.id });
    if (leader.pid === undefined) this.tell('=\n');
    else {
      this.groups.add(leader.pid);
      this.tell(`+${leader.pid}\n`);
    }
    return leader;
  }

  release({ pid }: Leader): void {
    if (pid === undefined || !this.groups.delete(pid)) return;
    this.tell(`-${pid}\n`);
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
    const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, `${MARK}=${this.id}`], {
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
