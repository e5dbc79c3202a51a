import type { Clock } from '../call/clock.js';

const MARK_MS = 600_000;
const SENTENCE_MS = 600_000;

/**
 * Which calls kill their child. Everything in flight at a crash is marked, since nobody can tell who did it; a marked
 * call runs alone from then on, and a second crash, now with no neighbour to blame, convicts it.
 */
export class Quarantine {
  /** Fingerprint to the moment the mark fades. */
  private readonly marks = new Map<string, number>();
  private readonly convicts = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** @returns whether this crash convicted the call */
  crashed(fingerprint: string, alone: boolean): boolean {
    const convicted = alone && this.mustRunAlone(fingerprint);
    this.marks.delete(fingerprint);
    if (convicted) this.convicts.set(fingerprint, this.clock.now() + SENTENCE_MS);
    else this.marks.set(fingerprint, this.clock.now() + MARK_MS);
    return convicted;
  }

  /** It ran alone and its child survived. */
  acquit(fingerprint: string): void {
    this.marks.delete(fingerprint);
  }

  mustRunAlone(fingerprint: string): boolean {
    return this.holds(this.marks, fingerprint);
  }

  refuses(fingerprint: string): boolean {
    return this.holds(this.convicts, fingerprint);
  }

  /** Fingerprints refused at present. */
  get size(): number {
    for (const fingerprint of [...this.convicts.keys()]) this.refuses(fingerprint);
    return this.convicts.size;
  }

  private holds(list: Map<string, number>, fingerprint: string): boolean {
    const until = list.get(fingerprint);
    if (until === undefined) return false;
    if (until > this.clock.now()) return true;
    list.delete(fingerprint);
    return false;
  }
}
