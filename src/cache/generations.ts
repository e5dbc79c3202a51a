const MAX_TAGS = 20_000;

/** What an invalidation leaves of an answer: nothing, or something for when the upstream is away. */
export type Validity = 'valid' | 'outdated' | 'void';

export interface AnswerOrigin {
  readonly server: string;
  readonly tags: readonly string[];
  readonly since: number;
}

/**
 * Which invalidation came last, by tag, on one count for the whole process. An answer holds as long as nothing it
 * depends on was invalidated after its read had begun; nobody has to find it to make it void.
 */
export class Generations {
  private count = 0;
  /** Least recently invalidated first. */
  private readonly byTag = new Map<string, number>();
  private readonly byServer = new Map<string, number>();
  /** Infinite as long as nobody tells of changes. */
  private readonly outdated = new Map<string, number>();
  /** Older than this nothing holds: the invalidations since then are no longer all known. */
  private floor = 0;

  now(): number {
    return this.count;
  }

  bump(server: string, tags: readonly string[]): void {
    this.count += 1;
    for (const tag of tags) {
      const key = keyOf(server, tag);
      this.byTag.delete(key);
      this.byTag.set(key, this.count);
    }
    this.forgetOldest();
  }

  bumpServer(server: string): void {
    this.byServer.set(server, ++this.count);
  }

  /** Changes are told from now on, or no more: either way some may have been missed before. */
  feedIs(server: string, live: boolean): void {
    this.outdated.set(server, live ? ++this.count : Infinity);
  }

  bumpAll(): void {
    this.floor = ++this.count;
  }

  validity({ server, tags, since }: AnswerOrigin): Validity {
    if (since < this.floor || since < (this.byServer.get(server) ?? 0)) return 'void';
    if (tags.some((tag) => since < (this.byTag.get(keyOf(server, tag)) ?? 0))) return 'void';
    return since < (this.outdated.get(server) ?? 0) ? 'outdated' : 'valid';
  }

  private forgetOldest(): void {
    for (const [key, generation] of this.byTag) {
      if (this.byTag.size <= MAX_TAGS) return;
      this.byTag.delete(key);
      this.floor = Math.max(this.floor, generation);
    }
  }
}

function keyOf(server: string, tag: string): string {
  return `${server}\n${tag}`;
}
