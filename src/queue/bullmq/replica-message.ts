import type { Settlement } from './gate-answers.js';
import { type RawSettlement, settlementOf } from './gate-parsing.js';

/**
 * What comes over a replica's own channel. A hint, not the truth: it may be lost, and the record has it all.
 *
 * - `settled`: for the callers of this replica; `body` is there when the settlement says `inline`. Of a request that
 *   Redis had forgotten only id, state, reason, body and run time are true.
 * - `cancel`: nobody waits any more for the read that `holder` runs here.
 */
export type ReplicaMessage =
  | { readonly is: 'settled'; readonly settlement: Settlement; readonly body?: Buffer }
  | { readonly is: 'cancel'; readonly id: string; readonly holder: string };

type RawHeader = readonly ['settled', RawSettlement] | readonly ['cancel', id: string, holder: string];

const END_OF_HEADER = '\n';

/** A line of JSON, and then the bytes of the body. */
export function parseReplicaMessage(message: Buffer): ReplicaMessage {
  const end = message.indexOf(END_OF_HEADER);
  const raw = JSON.parse(message.toString('utf8', 0, end)) as RawHeader;
  switch (raw[0]) {
    case 'settled': {
      const settlement = settlementOf(raw[1]);
      return { is: 'settled', settlement, body: settlement.body === 'inline' ? message.subarray(end + 1) : undefined };
    }
    case 'cancel':
      return { is: 'cancel', id: raw[1], holder: raw[2] };
    default:
      return raw satisfies never;
  }
}
