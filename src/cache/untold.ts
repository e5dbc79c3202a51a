import type { Clock } from '../call/clock.js';
import type { Invalidation } from './invalidations.js';

/** Tells the other replicas; false when the shared store has not taken it. Never rejects. */
export type Tell = (invalidation: Invalidation) => Promise<boolean>;

const MAX_TAGS = 1000;
const TELL_AGAIN_MS = 250;

/**
 * Invalidations that the shared store has not taken: the others go on with what they have, so they are told again and
 * again. Of too many tags it is only remembered which servers they belong to.
 */
export class Untold {
  private backlog?: Backlog;
  private cancel?: () => void;
  private isClosed = false;

  constructor(
    private readonly tell: Tell,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the others are about to hear it, however long that takes. */
  keep(invalidation: Invalidation): Promise<void> {
    this.backlog ??= new Backlog();
    this.backlog.add(invalidation);
    if (!this.isClosed) this.cancel ??= this.clock.after(TELL_AGAIN_MS, () => void this.tellAgain());
    return this.backlog.told;
  }

  /** Before its time, when there is reason to believe that the store is back. */
  async tellAgain(): Promise<void> {
    const { backlog } = this;
    this.cancel?.();
    this.cancel = undefined;
    this.backlog = undefined;
    if (!backlog) return;
    const kept = backlog.all();
    const told = await Promise.all(kept.map((invalidation) => this.tell(invalidation)));
    await Promise.all(kept.filter((_, index) => told[index] !== true).map((invalidation) => this.keep(invalidation)));
    backlog.isTold();
  }

  close(): void {
    this.isClosed = true;
    this.cancel?.();
  }
}

class Backlog {
  isTold: () => void = () => undefined;
  readonly told = new Promise<void>((resolve) => {
    this.isTold = resolve;
  });
  private readonly servers = new Set<string>();
  private readonly tags = new Map<string, Set<string>>();
  private size = 0;

  add(invalidation: Invalidation): void {
    const { server } = invalidation;
    if (invalidation.as === 'server') this.servers.add(server);
    else for (const tag of invalidation.tags) this.addTag(server, tag);
    if (this.size > MAX_TAGS) this.forgetTags();
  }

  all(): readonly Invalidation[] {
    const whole = [...this.servers].map((server): Invalidation => ({ as: 'server', server }));
    return [...whole, ...[...this.tags].map(([server, tags]): Invalidation => ({ as: 'tags', server, tags: [...tags] }))];
  }

  private addTag(server: string, tag: string): void {
    const tags = this.tags.get(server) ?? new Set();
    this.tags.set(server, tags);
    if (tags.has(tag)) return;
    tags.add(tag);
    this.size += 1;
  }

  private forgetTags(): void {
    for (const server of this.tags.keys()) this.servers.add(server);
    this.tags.clear();
    this.size = 0;
  }
}
