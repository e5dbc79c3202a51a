import type { Sign } from './verdict.js';

/** More children than can die while the last call of the first is still being judged. */
const REMEMBERED = 64;

/** A child that dies takes every call on it along: that is one failure of the upstream, not one for each call. */
export class ChildDeaths {
  private readonly counted = new Set<number>();

  /** @returns the sign, or nothing when it tells of a death that has been told before */
  news(sign: Sign, child: number | undefined): Sign {
    if (sign?.as !== 'failure' || !sign.isDeath || child === undefined) return sign;
    if (this.counted.has(child)) return undefined;
    this.counted.add(child);
    const [oldest] = this.counted;
    if (this.counted.size > REMEMBERED && oldest !== undefined) this.counted.delete(oldest);
    return sign;
  }
}
