import type { CallSignal } from '../call/call-signal.js';
import type { Json, JsonObject } from '../call/json.js';
import type { Reply, RpcError } from './reply.js';

/** What a request to a child needs beside its words. */
export interface CallOptions {
  /** A write that was sent keeps its session retiring until the child has answered it or is dead. */
  readonly kind: 'read' | 'write';
  /** Milliseconds of the session's clock, absolute; infinite where the signal alone ends the call, with `deadline` as its reason. */
  readonly deadline: number;
  /** How long after deadline or cancel the child may still answer a write that was sent; 2,000 ms when absent. */
  readonly holdMs?: number;
  /** Silence without progress for so long is a timeout; the deadline stays where it is. */
  readonly quietMs?: number;
  readonly onProgress?: (params: JsonObject) => void;
  /** Log messages of the child, which name no call: given only while this call is alone on it. */
  readonly onLog?: (params: JsonObject) => void;
  /** Answers what the child asks back; only on a session initialised for it, and only while this call is alone on it. */
  readonly onAsk?: (ask: Ask, signal: AbortSignal) => Promise<AskReply>;
  /** Aborts when the child must not go on with a write that was sent: it is killed, also when the caller was answered long ago. */
  readonly revoked?: CallSignal;
  /** Asked in the very tick in which the bytes leave; false: nothing is sent and the reply is `cancelled`, `sent: false`. */
  readonly fence?: () => boolean;
}

/** One request in its two moments, which fall together unless the caller was answered first. Neither rejects. */
export interface Exchange {
  /** At the latest at the deadline, or when the signal aborts. */
  readonly reply: Promise<Reply>;
  /**
   * The child has answered, or never will: locks may go. At once for a read and for what was not sent. The last word:
   * what the child said, be it after its caller had been told otherwise; else the reply.
   */
  readonly settled: Promise<Reply>;
}

/** A request from the child; `signal` aborts when the child takes it back or its call is over. */
export interface Ask {
  readonly method: string;
  readonly params: JsonObject;
}

export type AskReply = { readonly result: Json } | { readonly error: RpcError };

/** A line from the child that is counted and hurts nobody. */
export type Oddity =
  'garbage' | 'oversize' | 'late' | 'duplicate' | 'unknown_id' | 'bad_shape' | 'unattributable' | 'text_id' | 'unknown_progress';
