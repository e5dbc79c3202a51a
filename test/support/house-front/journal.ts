import type { Fields } from '../../../src/home-assistant-server/fields.js';

/** One command as it reached the house. */
export interface Entry {
  readonly seq: number;
  readonly connection: number;
  readonly via: 'ws' | 'rest';
  /** The type of a WebSocket command, or method and path. */
  readonly command: string;
  readonly domain?: string;
  readonly service?: string;
  readonly targets: readonly string[];
  readonly data: Fields;
  readonly startedNs: bigint;
  /** Absent while the house has not answered. */
  endedNs?: bigint;
  context?: string;
}

export interface Login {
  readonly connection: number;
  readonly via: 'ws' | 'rest';
  readonly accepted: boolean;
}

/** What really reached the house, in order, on one monotonic clock: the proof of the locks and of exactly once. */
export class Journal {
  readonly entries: Entry[] = [];
  readonly logins: Login[] = [];

  begin(entry: Omit<Entry, 'seq' | 'startedNs'>): Entry {
    const begun = { ...entry, seq: this.entries.length + 1, startedNs: process.hrtime.bigint() };
    this.entries.push(begun);
    return begun;
  }

  end(entry: Entry, context?: string): void {
    entry.endedNs = process.hrtime.bigint();
    if (context !== undefined) entry.context = context;
  }

  of(command: string): readonly Entry[] {
    return this.entries.filter((entry) => entry.command.startsWith(command));
  }

  /** Service calls, of one entity only when it is named. */
  services(target?: string): readonly Entry[] {
    return this.of('call_service').filter(({ targets }) => target === undefined || targets.includes(target));
  }

  get refusedLogins(): number {
    return this.logins.filter(({ accepted }) => !accepted).length;
  }

  clear(): void {
    this.entries.length = 0;
    this.logins.length = 0;
  }
}

/** Pairs that were under way at one moment. */
export function overlaps(entries: readonly Entry[]): readonly (readonly [Entry, Entry])[] {
  return entries.flatMap((a, index) => entries.slice(index + 1).flatMap((b) => (meet(a, b) ? [[a, b] as const] : [])));
}

function meet(a: Entry, b: Entry): boolean {
  return (a.endedNs === undefined || b.startedNs < a.endedNs) && (b.endedNs === undefined || a.startedNs < b.endedNs);
}
