import { QUEUE_RULES } from '../queue-rules.js';
import { LinkedList } from './linked-list.js';
import type { Request } from './request.js';

/** One caller's part of one class: how many are offered or run, and who waits behind them. */
export interface ShareTag {
  readonly name: string;
  out: number;
  readonly heldBack: LinkedList<Request>;
}

const { shareAtLeast, shareRounds } = QUEUE_RULES;

/**
 * Lets each caller have so many requests offered or running in a lane and class: a greedy one delays others by two
 * rounds, and alone it still fills every slot.
 */
export class FairShare {
  private readonly tags = new Map<string, ShareTag>();

  /** True when the request may be offered now; else it waits behind its own. */
  admit(request: Request, slots: number): boolean {
    const tag = this.tagOf(request);
    request.share = tag;
    if (tag.out < capOf(slots)) {
      tag.out += 1;
      return true;
    }
    request.link = tag.heldBack.push(request);
    return false;
  }

  /** For a request that was held back. */
  withdraw(request: Request): void {
    const { share, link } = request;
    if (!share || !link) return;
    share.heldBack.remove(link);
    request.link = undefined;
    this.forgetIfIdle(share);
  }

  /** For a request that was admitted; answers who may be offered in its stead. */
  leave({ share }: Request, slots: number): Request | undefined {
    if (!share) return undefined;
    share.out -= 1;
    const next = this.next(share, slots);
    this.forgetIfIdle(share);
    return next;
  }

  /** More slots: who may be offered in addition. */
  widen(slots: number): readonly Request[] {
    const admitted: Request[] = [];
    for (const tag of this.tags.values()) {
      for (let next = this.next(tag, slots); next; next = this.next(tag, slots)) admitted.push(next);
    }
    return admitted.sort((one, other) => one.seq - other.seq);
  }

  private next(tag: ShareTag, slots: number): Request | undefined {
    if (tag.out >= capOf(slots)) return undefined;
    const next = tag.heldBack.shift();
    if (!next) return undefined;
    next.link = undefined;
    tag.out += 1;
    return next;
  }

  private tagOf({ priority, spec }: Request): ShareTag {
    const name = `${priority}:${spec.share}`;
    const known = this.tags.get(name);
    if (known) return known;
    const tag: ShareTag = { name, out: 0, heldBack: new LinkedList() };
    this.tags.set(name, tag);
    return tag;
  }

  private forgetIfIdle(tag: ShareTag): void {
    if (tag.out === 0 && tag.heldBack.first === undefined) this.tags.delete(tag.name);
  }
}

function capOf(slots: number): number {
  return Math.max(shareAtLeast, shareRounds * slots);
}
