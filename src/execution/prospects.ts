import { Injectable } from '@nestjs/common';
import type { BridgeError } from '../call/bridge-error.js';
import { isRefusal } from '../call/refusal.js';
import { SessionPool } from '../session-pool/session-pool.js';
import { Replicas } from '../shared-state/replicas.js';
import { UpstreamBreaker } from './upstream-breaker.js';

/** Where what waits in a lane can be run, now or soon. */
export type Prospect = 'here' | 'elsewhere' | 'nowhere';

const PART = 'lanes';

/**
 * Whether this replica can run the calls of an upstream, and whether others can: they tell so with their heartbeats, and
 * are a second behind. An upstream may fail one replica alone, which does not start it or has an old token of it.
 */
@Injectable()
export class Prospects {
  constructor(
    private readonly pool: SessionPool,
    private readonly breaker: UpstreamBreaker,
    private readonly replicas: Replicas,
  ) {}

  /** @param slots that the sessions here offer to the lane */
  of(server: string, lane: string, slots: number): Prospect {
    const refusal = this.breaker.refusal(server);
    // an opening is told to all: each of them refuses
    if (refusal && !isRefusal(refusal)) return 'nowhere';
    if (!refusal && (slots > 0 || this.pool.status(server).canStart)) return 'here';
    return this.isElsewhere(lane) ? 'elsewhere' : 'nowhere';
  }

  /** For the front half: why a call would be refused now, whoever ran it. Takes nothing. */
  refusal(server: string, lane: string): BridgeError | undefined {
    const refusal = this.breaker.refusal(server);
    return refusal && isRefusal(refusal) && this.isElsewhere(lane) ? undefined : refusal;
  }

  /** @param lanes whose calls can be run here */
  tell(lanes: () => readonly string[]): void {
    this.replicas.contribute(PART, () => [...lanes()]);
  }

  private isElsewhere(lane: string): boolean {
    return [...this.replicas.live()].some(
      ([id, { [PART]: told }]) => id !== this.replicas.id && Array.isArray(told) && told.includes(lane),
    );
  }
}
