import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Json } from '../../call/json.js';
import type { JobSpec } from '../work-queue.js';
import type { Kind } from './gate-answers.js';

/** What a replica that runs a call has to know of it, beside what the gate tells. */
export interface Envelope {
  /** The replica whose caller brought it. */
  readonly origin: string;
  readonly payload: Json;
  readonly holdMs: number;
  readonly retry?: JobSpec['retry'];
}

/** What the gate decides by; signed as well, so that no neighbour on the same Redis can bend it. */
export interface SignedFields {
  readonly id: string;
  readonly lane: string;
  readonly kind: Kind;
  readonly share: string;
  /** The lock lines, as the gate keeps them. */
  readonly locks: string;
}

export type Verified =
  | { readonly as: 'verified'; readonly envelope: Envelope }
  /** Of a newer version of ours: another replica may know it. */
  | { readonly as: 'foreign_version' }
  | { readonly as: 'forged' };

const VERSION = 1;
const MAC_CHARS = 43;

/** Signs records by HMAC-SHA-256, so that only a holder of the key can make one. Who reads Redis reads them: nothing is encrypted. */
export class RecordSigner {
  /** @param version of the envelopes that it signs and understands */
  constructor(
    private readonly key: string,
    private readonly version = VERSION,
  ) {}

  sign(envelope: Envelope, fields: SignedFields): string {
    const text = JSON.stringify({ v: this.version, ...envelope });
    return this.mac(text, fields) + text;
  }

  verify(signed: string, fields: SignedFields): Verified {
    const text = signed.slice(MAC_CHARS);
    if (!isEqual(signed.slice(0, MAC_CHARS), this.mac(text, fields))) return { as: 'forged' };
    const { v, ...envelope } = JSON.parse(text) as Envelope & { readonly v: number };
    return v === this.version ? { as: 'verified', envelope } : { as: 'foreign_version' };
  }

  private mac(text: string, { id, lane, kind, share, locks }: SignedFields): string {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([id, lane, kind, share, locks]))
      .update(text)
      .digest('base64url');
  }
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
