import type { JsonObject } from '../call/json.js';

/**
 * What one child tells in a resource, by heart. One reading runs at a time; whoever asks for one meanwhile gets another
 * after it, since what he knows of may have come too late. A reading that fails takes back what was told.
 */
export class KeptResource {
  private isTold = false;
  private isReading = false;
  private isDue = false;
  private isOver = false;

  /**
   * @param read resolves with nothing when it failed
   * @param later runs what is to be tried again
   * @param learned hears undefined when what was told holds no longer
   */
  constructor(
    private readonly read: () => Promise<JsonObject | undefined>,
    private readonly later: (again: () => void) => void,
    private readonly learned: (told: JsonObject | undefined) => void,
  ) {}

  async refresh(): Promise<void> {
    this.isDue = true;
    if (this.isReading) return;
    this.isReading = true;
    while (this.isDue && !this.isOver) {
      this.isDue = false;
      const told = await this.read();
      this.learn(told);
      if (told === undefined) this.later(() => void this.refresh());
    }
    this.isReading = false;
  }

  /** Nobody answers for it any more. */
  end(): void {
    this.learn(undefined);
    this.isOver = true;
  }

  private learn(told: JsonObject | undefined): void {
    if (this.isOver || (told === undefined && !this.isTold)) return;
    this.isTold = told !== undefined;
    this.learned(told);
  }
}
