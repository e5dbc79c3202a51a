const FIRST_MS = 250;
const LONGEST_MS = 30_000;
/** Who lived for so long has shown that it can. */
const PROVED_MS = 60_000;

/** How long to wait before an ended worker is replaced: not at all when it had lived, longer each time it ends young. */
export class RestartDelay {
  private young = 0;

  /** @param livedMs how long the one that ended had lived */
  next(livedMs: number): number {
    this.young = livedMs >= PROVED_MS ? 0 : this.young + 1;
    return this.young === 0 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.young - 1));
  }
}
