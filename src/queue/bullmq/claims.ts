import { Logger } from '@nestjs/common';
import { BridgeError } from '../../call/bridge-error.js';
import type { Clock } from '../../call/clock.js';
import type { Observe } from '../queue-observer.js';
import type { Claimed, Effects, HandOutKey } from './gate-answers.js';
import type { Gate } from './gate.js';
import { packBody } from './outcome-body.js';
import type { Assignment } from './run.js';
import type { RecordSigner } from './record-signer.js';
import type { Reply } from './waiting-callers.js';

export interface ClaimEvents {
  effects(effects: Effects): void;
  /** For the callers of this process: their replica is the one that Redis does not tell. */
  settled(reply: Reply): void;
  /** Redis has started anew, and nobody has looked yet at what it knows. */
  noEpoch(): void;
}

/** During a rolling deploy another replica knows the newer version; it gets so long to come by. */
const FOREIGN_VERSION_MS = 1000;

/** Turns an offer of the scheduler into a hand-out, where it still is one. BullMQ may deliver twice, late or never. */
export class Claims {
  private readonly logger = new Logger('WorkQueue');

  constructor(
    private readonly gate: Gate,
    private readonly signer: RecordSigner,
    private readonly clock: Clock,
    private readonly observe: Observe,
    private readonly on: ClaimEvents,
  ) {}

  /** Undefined: nothing to run. What was only put off comes again out of the gate's outbox. */
  async claim(key: HandOutKey): Promise<Assignment | undefined> {
    const askedAt = this.clock.now();
    const answer = await this.gate.claim(key);
    switch (answer.as) {
      case 'go':
        return this.open(key, answer, askedAt);
      case 'no':
        this.observe({ is: 'refused', script: 'claim', why: answer.why });
        return undefined;
      case 'expired':
        this.on.effects(answer.effects);
        return undefined;
      case 'wait':
        return undefined;
      case 'no_epoch':
        this.on.noEpoch();
        return undefined;
      default:
        return answer satisfies never;
    }
  }

  private async open(key: HandOutKey, claimed: Claimed, askedAt: number): Promise<Assignment | undefined> {
    const { seq, lane, kind, priority, share, locks, attempt, remainingMs, queuedMs } = claimed;
    const verified = this.signer.verify(claimed.payload, { id: key.id, lane, kind, share, locks });
    switch (verified.as) {
      case 'verified': {
        const { origin, payload, holdMs, retry } = verified.envelope;
        return { key, seq, lane, kind, priority, payload, attempt, remainingMs, queuedMs, origin, holdMs, retry, askedAt };
      }
      case 'foreign_version':
        await this.putBack(key);
        return undefined;
      case 'forged':
        await this.bury(key);
        return undefined;
      default:
        return verified satisfies never;
    }
  }

  private async putBack(key: HandOutKey): Promise<void> {
    this.observe({ is: 'put_back', why: 'foreign_version' });
    const said = await this.gate.giveBack(key, { as: 'put_back', delayMs: FOREIGN_VERSION_MS, ranMs: 0 });
    if (said.as !== 'no') this.on.effects(said.effects);
  }

  private async bury(key: HandOutKey): Promise<void> {
    this.observe({ is: 'forged' });
    this.logger.error(`The record of ${key.id} was not written by a replica of ours; it is not run`);
    const body = await packBody(FORGED.body);
    const said = await this.gate.finish(key, { state: 'failed', why: 'forged', begun: false, body, ranMs: 0 }, '');
    if (said.as !== 'ok') return;
    const { seq, attempts, queuedMs, ranMs } = said.settlement;
    const ending = { state: 'failed', error: FORGED.body, begun: false } as const;
    this.on.settled({ id: key.id, seq, ending, timing: { attempts, queuedMs, ranMs } });
    this.on.effects(said.effects);
  }
}

const FORGED = new BridgeError('internal_error', 'The call was altered on its way', { reason: 'forged' });
