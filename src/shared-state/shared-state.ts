import type { Json } from '../call/json.js';

/**
 * Small facts that all replicas share: keys with a time to live, a few atomic verbs, and messages.
 * Values are JSON; what is read is a copy. Every adapter passes `test/contract/shared-state.spec.ts`.
 * Every verb but `publish`, `subscribe`, `caughtUp` and `ready` rejects with BridgeError `store_away` when the store cannot be reached.
 */
export abstract class SharedState {
  /** The value, unless it was never put, deleted, or its time is over. */
  abstract get(key: string): Promise<Json | undefined>;

  abstract put(key: string, value: Json, ttlMs: number): Promise<void>;

  /** Stores and answers true only when nothing is there: of many callers exactly one hears true. */
  abstract putIfAbsent(key: string, value: Json, ttlMs: number): Promise<boolean>;

  /** Stores and answers true only when what is there is `known`, as it was read. */
  abstract putIfUnchanged(key: string, known: Json, value: Json, ttlMs: number): Promise<boolean>;

  /** True when there was something to delete. */
  abstract delete(key: string): Promise<boolean>;

  /** Deletes and answers true only when what is there is `known`, as it was read. */
  abstract deleteIfUnchanged(key: string, known: Json): Promise<boolean>;

  /**
   * Puts `member` on `roster` for `ttlMs`, in one atomic step; who is on it already keeps his place, and has it for so long
   * from now on.
   * @returns false when it has `capacity` others
   */
  abstract join(roster: string, member: string, ttlMs: number, capacity: number): Promise<boolean>;

  /** Nobody else loses a place by it, and there need not be one. */
  abstract leave(roster: string, member: string): Promise<void>;

  /** Who is on it at this moment, in no order. */
  abstract members(roster: string): Promise<readonly string[]>;

  /** Takes one token of `bucket`, in one atomic step; a bucket nobody has touched is full. */
  abstract takeToken(bucket: string, rate: TokenRate): Promise<TokenGrant>;

  /**
   * At most once to each subscriber of `channel` on every replica, this one included; lost while the store is away.
   * @returns whether the store has taken it: it is then on its way to everybody before anything that happens from now
   *   on. False: some may have heard it, or nobody. Never rejects.
   */
  abstract publish(channel: string, message: Json): Promise<boolean>;

  /**
   * @param onGap messages may have been missed: whatever was derived from the channel is to be dropped
   * @returns ends the subscription
   */
  abstract subscribe(channel: string, onMessage: (message: Json) => void, onGap: () => void): () => void;

  /**
   * Resolves when every message that had reached this process by now is with its subscribers; undefined where messages do
   * not travel. What arrives on other sockets may overtake them, such as a request of somebody who knows what they say.
   */
  abstract caughtUp(): Promise<void> | undefined;

  abstract ready(): { readonly ok: true } | { readonly ok: false; readonly reason: string };

  abstract close(): Promise<void>;
}

export interface TokenRate {
  /** Tokens of a full bucket: the burst. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export interface TokenGrant {
  readonly taken: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Until one token is there again; 0 when one is left. */
  readonly retryAfterMs: number;
}
