import { randomBytes } from 'node:crypto';
import type { Fields } from '../fields.js';

/** Who caused a change: every state carries the context of the call that made it. */
export interface Context {
  readonly id: string;
  readonly parent_id: string | null;
  readonly user_id: string | null;
}

export interface State {
  readonly entityId: string;
  readonly state: string;
  readonly attributes: Fields;
  /** Seconds since 1970: when `state` last became another value. */
  readonly lastChanged: number;
  /** Seconds since 1970: when anything of it last became another value. */
  readonly lastUpdated: number;
  readonly context: Context;
}

/** Without `before` it is new, without `after` it is gone. */
export interface Change {
  readonly entityId: string;
  readonly before?: State;
  readonly after?: State;
}

export function newContext(userId: string | null, parentId: string | null = null): Context {
  return { id: ulid(), parent_id: parentId, user_id: userId };
}

/** 26 characters of Crockford's base 32, like the ids of Home Assistant. */
function ulid(): string {
  return Array.from(randomBytes(26), (byte) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(byte % 32)).join('');
}
