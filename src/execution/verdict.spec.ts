import type { Reply } from '../session-pool/reply.js';
import { judge, signInHurry } from './verdict.js';

const failure = (kind: string, dispatched: boolean): Reply => ({
  kind: 'result',
  result: { isError: true, content: [], _meta: { 'bridge/failure': { kind, code: 'house_away', dispatched, retry_after_ms: 500 } } },
});

describe(judge.name, () => {
  it.each<[string, Reply, string, string]>([
    ['a result', { kind: 'result', result: { content: [] } }, 'done', 'done'],
    ["a tool's own failure", { kind: 'result', result: { content: [], isError: true } }, 'done', 'done'],
    ['a JSON-RPC error', { kind: 'rpc_error', error: { code: -32000, message: 'no' } }, 'failed', 'failed'],
    ['no session', { kind: 'no_session' }, 'put_back', 'put_back'],
    ['an upstream that does not start', { kind: 'refused', reason: 'start_failed', detail: 'ENOENT' }, 'failed', 'failed'],
    ['a child that died before the line left', { kind: 'lost', reason: 'exit', sent: false }, 'put_back', 'put_back'],
    ['a child that died after it', { kind: 'lost', reason: 'exit', sent: true }, 'retry', 'unknown'],
    ['an answer of the wrong shape', { kind: 'lost', reason: 'bad_reply', sent: true }, 'failed', 'unknown'],
    ['an answer over the line cap', { kind: 'lost', reason: 'reply_too_large', sent: true }, 'failed', 'unknown'],
    ['a timeout before the line left', { kind: 'timed_out', sent: false }, 'put_back', 'put_back'],
    ['a timeout after it', { kind: 'timed_out', sent: true }, 'retry', 'unknown'],
    ['an upstream that proves it sent nothing on', failure('unavailable', false), 'retry', 'put_back'],
    ['an upstream that is away and may have acted', failure('unavailable', true), 'retry', 'unknown'],
    ['an upstream that cannot know', failure('unknown', true), 'retry', 'unknown'],
    ['an upstream whose token is refused', failure('refused', false), 'failed', 'failed'],
  ])('after %s: what a read and a write become', (_words, reply, read, write) => {
    expect(judge(reply, 'read', 'ledger').verdict.as).toBe(read);
    expect(judge(reply, 'write', 'ledger').verdict.as).toBe(write);
  });

  it.each([
    [-32602, 'invalid_params'],
    [-32601, 'method_not_found'],
    [-32002, 'invalid_params'],
    [-32000, 'upstream_error'],
    [-32001, 'upstream_error'],
    [7, 'upstream_error'],
  ])('never passes the code %d of an upstream on as it is', (code, name) => {
    const { verdict } = judge({ kind: 'rpc_error', error: { code, message: 'no', data: { why: 1 } } }, 'write', 'ledger');
    expect(verdict).toMatchObject({
      as: 'failed',
      error: { name, data: { upstream: { code, message: 'no', data: { why: 1 } }, outcome: 'failed' } },
    });
  });

  it('counts a dead child, a timeout and an absent upstream for the breaker, a plain tool failure and too long an answer not', () => {
    expect(judge({ kind: 'lost', reason: 'exit', sent: true }, 'read', 's').sign).toMatchObject({ as: 'failure' });
    expect(judge({ kind: 'timed_out', sent: true }, 'read', 's').sign).toMatchObject({ as: 'failure' });
    expect(judge(failure('unavailable', false), 'read', 's').sign).toMatchObject({ as: 'failure', reason: 'house_away' });
    expect(judge(failure('refused', false), 'read', 's').sign).toMatchObject({ as: 'refused' });
    expect(judge({ kind: 'result', result: { isError: true } }, 'read', 's').sign).toEqual({ as: 'ok' });
    expect(judge({ kind: 'lost', reason: 'bad_reply', sent: true }, 'read', 's').sign).toMatchObject({ as: 'failure' });
    expect(judge({ kind: 'lost', reason: 'reply_too_large', sent: true }, 'read', 's').sign).toEqual({ as: 'ok' });
    expect(judge({ kind: 'cancelled', sent: true }, 'read', 's').sign).toBeUndefined();
  });

  it.each<[string, Reply, string | undefined]>([
    ['a timeout', { kind: 'timed_out', sent: true }, undefined],
    ['an upstream that waited for somebody else in vain', failure('unavailable', true), undefined],
    ['an upstream that knows no end', failure('unknown', true), undefined],
    ['an upstream that is away', failure('unavailable', false), 'failure'],
    ['a death', { kind: 'lost', reason: 'exit', sent: true }, 'failure'],
    ['a refused token', failure('refused', false), 'refused'],
    ['an answer', { kind: 'result', result: {} }, 'ok'],
  ])('of what a caller in a hurry learned, %s counts as it should', (_words, reply, as) => {
    expect(signInHurry(judge(reply, 'write', 'ha').sign)?.as).toBe(as);
  });

  it('says of arguments that are too long how long they are, how long they may be, and what to do', () => {
    const { verdict, sign } = judge(
      { kind: 'refused', reason: 'line_too_long', detail: '', bytes: 5_000_000, limit: 4_194_304 },
      'write',
      'ledger',
    );
    const data = { field: 'arguments', bytes: 5_000_000, limit: 4_194_304, outcome: 'not_started', suggestion: expect.any(String) };
    expect(verdict).toMatchObject({ as: 'failed', error: { name: 'too_large', message: expect.stringContaining('5000000 bytes'), data } });
    expect(sign).toBeUndefined();
  });

  it('says of an answer that is too long how long it is, and what to do', () => {
    const reply: Reply = { kind: 'lost', reason: 'reply_too_large', sent: true, detail: 'a line of 9000000 bytes' };
    expect(judge(reply, 'read', 'ledger').verdict).toMatchObject({
      error: {
        message: expect.stringContaining('too long'),
        data: { detail: 'a line of 9000000 bytes', suggestion: expect.stringContaining('max_line_mb') },
      },
    });
  });

  it('tells a refused write that nothing was started', () => {
    expect(judge({ kind: 'refused', reason: 'quarantined', detail: 'twice' }, 'write', 'ledger').verdict).toMatchObject({
      error: { name: 'invalid_params', data: { reason: 'quarantined', outcome: 'not_started' } },
    });
  });
});
