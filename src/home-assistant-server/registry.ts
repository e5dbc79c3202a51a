import { CommandRefused } from './failures.js';
import { within } from './within.js';

const KEPT_MS = 60_000;

/** One of Home Assistant's tables, kept until it is told to have changed. */
export class Registry {
  /** False while nobody tells us of changes: then it is read again after a minute. */
  keepForever = false;
  private known: Promise<unknown> | undefined;
  private askedMs = 0;

  constructor(
    readonly command: string,
    readonly event: string,
    private readonly ask: (command: string) => Promise<unknown>,
  ) {}

  /** Undefined when this Home Assistant has no such table. */
  async read(signal: AbortSignal): Promise<unknown> {
    if (!this.keepForever && performance.now() - this.askedMs > KEPT_MS) this.forget();
    return within(signal, (this.known ??= this.fetch()));
  }

  forget(): void {
    this.known = undefined;
  }

  private fetch(): Promise<unknown> {
    this.askedMs = performance.now();
    const asked = this.ask(this.command).catch((error: unknown) => {
      if (error instanceof CommandRefused) return undefined;
      throw error;
    });
    asked.catch(() => {
      if (this.known === asked) this.forget();
    });
    return asked;
  }
}
