import type { LockLine } from '../lock-lines.js';
import { type Link, LinkedList } from './linked-list.js';

/** A request's place in one line: granted, or a link in the list of those who wait. */
export interface Seat<T> {
  readonly line: Line<T>;
  readonly mode: 'S' | 'X';
  readonly holder: Holder<T>;
  waiting?: Link<Seat<T>>;
}

/** Everything one member holds or waits for. */
export interface Holder<T> {
  readonly member: T;
  readonly seats: Seat<T>[];
  ungranted: number;
}

/** The FIFO of one path. Whoever waits has an X before it, granted or waiting. */
interface Line<T> {
  readonly name: string;
  readonly waiting: LinkedList<Seat<T>>;
  shared: number;
  exclusive: boolean;
}

/**
 * Lock lines. A member enters all its lines in one step, so every wait points from a later member to an earlier one:
 * the earliest is granted everywhere and no deadlock can form.
 */
export class LockTable<T> {
  private readonly lines = new Map<string, Line<T>>();

  enter(member: T, lines: readonly LockLine[]): Holder<T> {
    const holder: Holder<T> = { member, seats: [], ungranted: 0 };
    for (const { line: name, mode } of lines) {
      const line = this.lineOf(name);
      const seat: Seat<T> = { line, mode, holder };
      holder.seats.push(seat);
      if (line.waiting.first === undefined && fits(line, mode)) take(line, mode);
      else {
        seat.waiting = line.waiting.push(seat);
        holder.ungranted += 1;
      }
    }
    return holder;
  }

  /** Gives all lines back; answers those who are now granted everywhere. */
  leave(holder: Holder<T>): readonly T[] {
    const freed: T[] = [];
    for (const { line, mode, waiting } of holder.seats) {
      if (waiting) line.waiting.remove(waiting);
      else if (mode === 'X') line.exclusive = false;
      else line.shared -= 1;
      grant(line, freed);
      if (line.shared === 0 && !line.exclusive) this.lines.delete(line.name);
    }
    holder.seats.length = 0;
    return freed;
  }

  private lineOf(name: string): Line<T> {
    const known = this.lines.get(name);
    if (known) return known;
    const line: Line<T> = { name, waiting: new LinkedList(), shared: 0, exclusive: false };
    this.lines.set(name, line);
    return line;
  }
}

function fits(line: Line<unknown>, mode: 'S' | 'X'): boolean {
  return !line.exclusive && (mode === 'S' || line.shared === 0);
}

function take(line: Line<unknown>, mode: 'S' | 'X'): void {
  if (mode === 'X') line.exclusive = true;
  else line.shared += 1;
}

function grant<T>(line: Line<T>, freed: T[]): void {
  for (let seat = line.waiting.first; seat && fits(line, seat.mode); seat = line.waiting.first) {
    line.waiting.shift();
    seat.waiting = undefined;
    take(line, seat.mode);
    seat.holder.ungranted -= 1;
    if (seat.holder.ungranted === 0) freed.push(seat.holder.member);
  }
}
