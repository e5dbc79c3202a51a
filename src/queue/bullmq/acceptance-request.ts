import { jsonCopy } from '../../call/json-copy.js';
import { lockLines } from '../lock-lines.js';
import type { QueueConfig } from '../queue.config.js';
import type { Caller } from './caller.js';
import type { AcceptAnswer } from './gate-answers.js';
import type { Acceptance } from './gate.js';
import { lockText } from './lock-text.js';
import type { RecordSigner } from './record-signer.js';
import type { Assignment } from './run.js';

export type Mine = AcceptAnswer & { readonly as: 'mine' };

/** The two forms of a call that is brought by this replica: for the gate, and for its own slots when it may run here at once. */
export class AcceptanceRequest {
  constructor(
    private readonly signer: RecordSigner,
    private readonly config: QueueConfig,
    private readonly replica: string,
  ) {}

  /** @param holder for whom a slot is kept here */
  forGate({ spec, remainingMs }: Caller, holder: string | undefined, sentAt: number): Acceptance {
    const { key, kind, lane, priority, share, locks, payload, holdMs, retry } = spec;
    const lines = lockLines(locks);
    const envelope = { origin: this.replica, payload, holdMs, ...(retry && { retry }) };
    return {
      key,
      kind,
      lane,
      priority,
      share,
      lines,
      payload: this.signer.sign(envelope, { id: key.id, lane, kind, share, locks: lockText(lines) }),
      budgetMs: Math.max(0, Math.round(remainingMs)),
      attempts: Math.min(retry?.attempts ?? 1, this.config.maxRetries + 1),
      sentAt: Math.round(sentAt),
      maxSize: this.config.maxSize,
      ...(holder !== undefined && { holder }),
    };
  }

  forSlot({ id, spec, since, remainingMs, waitedMs }: Caller, { seq, turn, attempt }: Mine, holder: string): Assignment {
    const { lane, kind, priority, payload, holdMs, retry } = spec;
    return {
      key: { id, turn, holder },
      seq,
      lane,
      kind,
      priority,
      payload: jsonCopy(payload),
      attempt,
      remainingMs,
      queuedMs: waitedMs,
      origin: this.replica,
      holdMs,
      retry,
      askedAt: since,
    };
  }
}
