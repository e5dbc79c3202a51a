import type { Clock } from '../call/clock.js';

const MARK_MS = 600_000;
const SENTENCE_MS = 600_000;

/**
 * Which calls kill their child. Everything in flight at a crash is marked, since nobody can tell who did it; a marked
 * call runs alone from then on, and a second crash, now with no neighbour to blame, convicts it.
 */
export class Quarantine {
  /** Fingerprint to the moment the mark fades. Both lists are in the order of that moment. */
  private readonly marks = new Map<string, number>();
  private readonly convicts = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** @returns whether this crash convicted the call */
  crashed(fingerprint: string, alone: boolean): boolean {
    const convicted = alone && this.mustRunAlone(fingerprint);
    this.marks.delete(fingerprint);
    if (convicted) this.note(this.convicts, fingerprint, SENTENCE_MS);
    else this.note(this.marks, fingerprint, MARK_MS);
    return convicted;
  }

  /** It ran alone and its child survived. */
  acquit(fingerprint: string): void {
    this.marks.delete(fingerprint);
  }

  /** Nobody is suspected, so that nobody needs to be looked up. */
  get isEmpty(): boolean {
    return this.marks.size === 0 && this.convicts.size === 0;
  }

  mustRunAlone(fingerprint: string): boolean {
    return this.holds(this.marks, fingerprint);
  }

  refuses(fingerprint: string): boolean {
    return this.holds(this.convicts, fingerprint);
  }

  /** Fingerprints refused at present. */
  get size(): number {
    this.forgetFaded(this.convicts);
    return this.convicts.size;
  }

  /** Most fingerprints are never asked for again, so whoever comes makes room. */
  private note(list: Map<string, number>, fingerprint: string, ms: number): void {
    this.forgetFaded(list);
    list.delete(fingerprint);
    list.set(fingerprint, this.clock.now() + ms);
  }

  private forgetFaded(list: Map<string, number>): void {
    for (const [fingerprint, until] of list) {
      if (until > this.clock.now()) return;
      list.delete(fingerprint);
    }
  }

  private holds(list: Map<string, number>, fingerprint: string): boolean {
    const until = list.get(fingerprint);
    if (until === undefined) return false;
    if (until > this.clock.now()) return true;
    list.delete(fingerprint);
    return false;
  }
}
