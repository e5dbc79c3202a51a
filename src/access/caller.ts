import type { IncomingMessage } from 'node:http';
import type { Priority } from '../call/priority.js';

/** Who sent a request, and what they may do. */
export interface Caller {
  /** Name of the key; `anonymous` where the door is open. */
  readonly principal: string;
  /** False for `anonymous`. */
  readonly authenticated: boolean;
  /** The client's IPv4 address, or its IPv6 network by /64. */
  readonly address: string;
  /** Whose turn it counts as, in limits and in the fair share: the principal, else the address. */
  readonly share: string;
  /** The most urgent class that is granted. */
  readonly maxPriority: Priority;
  /** May change how the bridge runs. */
  readonly isOperator: boolean;
  readonly mayUse: (server: string, tool?: string) => boolean;
}

/** Reserved: no key may have this name. */
export const ANONYMOUS = 'anonymous';

/** Held by the request itself: a symbol costs a call less than a WeakMap, and nobody else can write it. */
const CALLER = Symbol('caller');

interface Admitted extends IncomingMessage {
  [CALLER]?: Caller;
}

export function rememberCaller(request: Admitted, caller: Caller): void {
  request[CALLER] = caller;
}

/** The caller that was let in with this request. A request that did not pass the door has none, which is a bug. */
export function callerOf(request: Admitted): Caller {
  const caller = request[CALLER];
  if (caller === undefined) throw new Error('This request did not pass the access check');
  return caller;
}
