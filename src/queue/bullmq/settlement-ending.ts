import { BridgeError, type ErrorBody } from '../../call/bridge-error.js';
import { type Ending, stopped } from '../ending.js';
import type { Settlement } from './gate-answers.js';
import { unpackBody } from './outcome-body.js';
import type { Reply } from './waiting-callers.js';

/** What a record says, in the words of this process. @param body as it was stored; absent when none was, or none was kept */
export async function replyOf(settlement: Settlement, body: Buffer | undefined): Promise<Reply> {
  const { id, attempts, queuedMs, ranMs } = settlement;
  // of a request that Redis had forgotten the seq is not known: it is for whoever waits
  const seq = settlement.seq === 0 ? Number.MAX_SAFE_INTEGER : settlement.seq;
  return { id, seq, ending: await endingOf(settlement, body), timing: { attempts, queuedMs, ranMs } };
}

async function endingOf({ state, why, kind, begun, bodyBytes }: Settlement, body: Buffer | undefined): Promise<Ending> {
  switch (state) {
    case 'done':
      return body ? { state: 'done', result: await unpackBody(body) } : { state: 'done', omittedBytes: bodyBytes };
    case 'failed':
      return { state: 'failed', error: body ? ((await unpackBody(body)) as unknown as ErrorBody) : failure(why), begun };
    case 'unknown':
      return { state: 'unknown', reason: why };
    case 'expired':
      return begun ? stopped(kind, 'deadline') : { state: 'not_started', reason: 'queue_timeout' };
    case 'cancelled':
      return begun ? stopped(kind, 'cancelled') : { state: 'not_started', reason: 'cancelled' };
    default:
      return state satisfies never;
  }
}

/** Nobody was left who could have told more. */
function failure(reason: string): ErrorBody {
  return new BridgeError('upstream_unavailable', 'The replica that ran the call is gone', { reason }).body;
}
