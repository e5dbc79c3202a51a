import { readFileSync } from 'node:fs';
import type { History, Nanoseconds } from './history.js';
import { LedgerTail } from './ledger-tail.js';
import { now } from './now.js';

const EVERY_MS = 20;

/**
 * Notes when each child that ever started a call was last seen alive: without it, a write that never ended overlaps
 * with nothing.
 */
export class PidWatch {
  private readonly children = new Map<string, Child>();
  private readonly tail: LedgerTail;
  private readonly timer: NodeJS.Timeout;

  constructor(
    ledger: string,
    private readonly birthOf = birthInProc,
  ) {
    this.tail = new LedgerTail(ledger);
    this.timer = setInterval(() => this.look(), EVERY_MS);
  }

  /** Of the dead alone, in order of their deaths. */
  stop(): History['lastAlive'] {
    clearInterval(this.timer);
    this.look();
    this.tail.close();
    const deaths = new Map<number, Nanoseconds[]>();
    for (const { pid, aliveNs, isDead } of this.children.values()) if (isDead) deaths.set(pid, [...(deaths.get(pid) ?? []), aliveNs]);
    for (const times of deaths.values()) times.sort((a, b) => a - b);
    return deaths;
  }

  /** Looks by itself every now and then. */
  look(): void {
    for (const { pid, ns } of this.tail.starts()) {
      const birth = this.birthOf(pid) ?? `before ${ns}`;
      const child = this.children.get(`${pid} ${birth}`);
      if (child) child.aliveNs = Math.max(child.aliveNs, ns);
      else this.children.set(`${pid} ${birth}`, { pid, birth, aliveNs: ns, isDead: false });
    }
    for (const child of this.children.values()) {
      if (child.isDead) continue;
      if (this.birthOf(child.pid) === child.birth) child.aliveNs = now();
      else child.isDead = true;
    }
  }
}

/** A process; its pid may be another's later. */
interface Child {
  readonly pid: number;
  readonly birth: string;
  aliveNs: Nanoseconds;
  isDead: boolean;
}

/** When the kernel started it. Nothing once it is dead, reaped or not. */
function birthInProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
