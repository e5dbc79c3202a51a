import { BridgeError, type BridgeErrorName } from '../call/bridge-error.js';
import type { JsonObject } from '../call/json.js';
import { REFUSED } from '../call/refusal.js';
import { shownText } from '../call/shown-text.js';
import type { Verdict } from '../queue/work-queue.js';
import type { LostReason, NotLent, Reply, RpcError, TooLong } from '../session-pool/reply.js';
import { type UpstreamFailure, upstreamFailureOf } from './upstream-failure.js';

/** How a reply counts for the circuit breaker; undefined: it says nothing about the upstream's health. */
export type Sign =
  | { readonly as: 'ok' }
  | { readonly as: 'refused'; readonly reason: string; readonly suggestion?: string }
  /**
   * `isDeath`: the child ended, and with it everything that was under way on it.
   * `isOverdue`: it was sent on, and its time was over before it was answered.
   */
  | { readonly as: 'failure'; readonly reason: string; readonly isDeath?: true; readonly isOverdue?: true }
  | undefined;

/** Who gave the upstream too little time learned little: or one caller in a hurry could shut it for all. */
export function signInHurry(sign: Sign): Sign {
  return sign?.as === 'failure' && sign.isOverdue ? undefined : sign;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly sign: Sign;
}

/** Another hand-out may find a session sooner than this, never later: slots moving wake the queue as well. */
const NO_SESSION_RETRY_MS = 50;
const UNSENT_RETRY_MS = 300;
/** In characters: an error's words are for reading; what is longer belongs into its data. */
const LONGEST_MESSAGE = 8192;

/**
 * What a reply means for the call. A write whose bytes may have left is never run again; a read is, since nobody can
 * tell; what is proved not to have left may go again, whatever it is.
 */
export function judge(reply: Reply, kind: 'read' | 'write', server: string, session?: string): Judgement {
  switch (reply.kind) {
    case 'result':
      return judgeResult(reply.result, kind, server);
    case 'rpc_error':
      return { verdict: { as: 'failed', error: rpcErrorOf(reply.error, kind, server).body }, sign: { as: 'ok' } };
    case 'no_session':
    case 'refused':
      return judgeNotLent(reply, server, session);
    case 'lost':
      if (!reply.sent) return { verdict: putBack(reply.reason), sign: undefined };
      // who asks for too much has been answered: an upstream that answers is well, or one caller could shut it for all
      if (reply.reason === 'reply_too_large') return { verdict: answerTooLong(reply, kind, server), sign: { as: 'ok' } };
      return {
        verdict: answerLost(reply.reason, kind, server, isDeath(reply.reason)),
        sign: { as: 'failure', reason: reply.reason, ...(isDeath(reply.reason) && { isDeath: true }) },
      };
    case 'timed_out':
    case 'cancelled':
      if (!reply.sent) return { verdict: putBack(reply.kind), sign: undefined };
      return {
        verdict: answerLost(reply.kind, kind, server, true),
        sign: reply.kind === 'timed_out' ? { as: 'failure', reason: 'timeout', isOverdue: true } : undefined,
      };
    default:
      return reply satisfies never;
  }
}

function judgeResult(result: JsonObject, kind: 'read' | 'write', server: string): Judgement {
  const failure = upstreamFailureOf(result);
  if (!failure) return { verdict: { as: 'done', result }, sign: { as: 'ok' } };
  switch (failure.kind) {
    case 'unavailable':
      return { verdict: whenUnavailable(failure, kind, server), sign: failureSign(failure) };
    case 'refused':
      return {
        verdict: { as: 'failed', error: unavailable(server, failure, kind).body },
        sign: { as: 'refused', reason: failure.code, ...(failure.suggestion !== undefined && { suggestion: failure.suggestion }) },
      };
    case 'unknown':
      return { verdict: answerLost(failure.code, kind, server, true), sign: failureSign(failure) };
    default:
      return failure.kind satisfies never;
  }
}

/** What an upstream sent on and has no answer to may be waiting for longer than its caller did. */
function failureSign({ code, dispatched }: UpstreamFailure): Sign {
  return { as: 'failure', reason: code, ...(dispatched && { isOverdue: true }) };
}

function whenUnavailable(failure: UpstreamFailure, kind: 'read' | 'write', server: string): Verdict {
  if (kind === 'read') return { as: 'retry', error: unavailable(server, failure, kind).body };
  if (failure.dispatched) return { as: 'unknown', reason: failure.code };
  return { as: 'put_back', reason: failure.code, afterMs: UNSENT_RETRY_MS };
}

function judgeNotLent(reply: NotLent, server: string, session?: string): Judgement {
  if (reply.kind === 'no_session')
    return { verdict: { as: 'put_back', reason: 'no_session', afterMs: reply.retryAfterMs ?? NO_SESSION_RETRY_MS }, sign: undefined };
  if (reply.reason === 'line_too_long') return { verdict: { as: 'failed', error: tooLong(reply, server).body }, sign: undefined };
  const { name, words } = REFUSALS[reply.reason];
  const data = {
    reason: reply.reason,
    detail: reply.detail,
    outcome: 'not_started',
    ...(reply.reason === 'client_gone' && { session_id: session ?? null, suggestion: 'Call /mcp/initialize to create a new session' }),
    ...(reply.retryAfterMs !== undefined && { retry_after_ms: reply.retryAfterMs }),
  };
  return { verdict: { as: 'failed', error: new BridgeError(name, `${words} (${server})`, data).body }, sign: undefined };
}

function tooLong({ reason, bytes, limit }: TooLong, server: string): BridgeError {
  return new BridgeError('too_large', `With these arguments the call is a line of ${bytes} bytes; ${limit} is the most (${server})`, {
    reason,
    field: 'arguments',
    bytes,
    limit,
    of: 'bytes',
    outcome: 'not_started',
    suggestion: 'Send less at a time, or where it can be fetched',
  });
}

const REFUSALS = {
  start_failed: { name: 'upstream_unavailable', words: 'The upstream does not start' },
  quarantined: { name: 'invalid_params', words: 'These arguments ended the upstream twice and are refused for a while' },
  pool_full: { name: 'no_sessions', words: 'No session is free for another client' },
  client_gone: { name: 'session_expired', words: 'The session ended with its child' },
  stdin_full: { name: 'no_sessions', words: 'The upstream does not read its input' },
} as const satisfies Record<string, { name: BridgeErrorName; words: string }>;

/** An answer that came and could not be used would come again: only what died with its child is repeated. */
function isDeath(reason: LostReason): boolean {
  return reason !== 'bad_reply';
}

function answerLost(reason: string, kind: 'read' | 'write', server: string, repeatable: boolean): Verdict {
  if (kind === 'write') return { as: 'unknown', reason };
  const error = new BridgeError('upstream_unavailable', `The upstream's answer was lost (${server})`, { reason }).body;
  return { as: repeatable ? 'retry' : 'failed', error };
}

/** It was whole and it was dropped: the same call would have the same answer. */
function answerTooLong({ reason, detail }: Extract<Reply, { kind: 'lost' }>, kind: 'read' | 'write', server: string): Verdict {
  if (kind === 'write') return { as: 'unknown', reason };
  const data = { reason, ...(detail !== undefined && { detail }), suggestion: 'Ask for less at a time, or raise session_pool.max_line_mb' };
  return {
    as: 'failed',
    error: new BridgeError('upstream_unavailable', `The upstream's answer is too long to be read (${server})`, data).body,
  };
}

function putBack(reason: string): Verdict {
  return { as: 'put_back', reason, afterMs: 0 };
}

function unavailable(server: string, failure: UpstreamFailure, kind: 'read' | 'write'): BridgeError {
  return new BridgeError('upstream_unavailable', `The upstream is unavailable (${server})`, {
    reason: failure.code,
    ...(failure.retryAfterMs !== undefined && { retry_after_ms: failure.retryAfterMs }),
    ...(failure.suggestion !== undefined && { suggestion: failure.suggestion }),
    ...(failure.kind === 'refused' && REFUSED),
    ...(kind === 'write' && { outcome: failure.dispatched ? 'failed' : 'not_started' }),
  });
}

/** JSON-RPC's own numbers that mean the caller's fault; MCP gives a missing resource one of its own. */
const CALLERS_FAULT: Readonly<Record<number, BridgeErrorName>> = {
  [-32601]: 'method_not_found',
  [-32602]: 'invalid_params',
  [-32002]: 'invalid_params',
};

function rpcErrorOf(error: RpcError, kind: 'read' | 'write', server: string): BridgeError {
  const name = CALLERS_FAULT[error.code] ?? 'upstream_error';
  const message = shownText(error.message, LONGEST_MESSAGE);
  const upstream = { code: error.code, message, ...(error.data !== undefined && { data: error.data }) };
  return new BridgeError(name, name === 'upstream_error' ? `The upstream answered with an error (${server})` : message, {
    upstream,
    ...(kind === 'write' && { outcome: 'failed' }),
  });
}
