import type { Invalidation } from './invalidations.js';

const MAX_TAGS = 1000;

/**
 * Invalidations that did not get through while the shared store was away: the others go on with what they have, and must
 * hear when it is back. Of too many tags it is only remembered which servers they belong to.
 */
export class Untold {
  private readonly servers = new Set<string>();
  private readonly tags = new Map<string, { readonly server: string; readonly tag: string }>();

  keep(invalidation: Invalidation): void {
    const { server } = invalidation;
    if (invalidation.as === 'server') this.servers.add(server);
    else for (const tag of invalidation.tags) this.tags.set(`${server}\n${tag}`, { server, tag });
    if (this.tags.size <= MAX_TAGS) return;
    for (const { server } of this.tags.values()) this.servers.add(server);
    this.tags.clear();
  }

  /** All of them, once. */
  take(): readonly Invalidation[] {
    const whole = [...this.servers].map((server): Invalidation => ({ as: 'server', server }));
    const single = [...this.tags.values()].map(({ server, tag }): Invalidation => ({ as: 'tags', server, tags: [tag] }));
    this.servers.clear();
    this.tags.clear();
    return [...whole, ...single];
  }
}
