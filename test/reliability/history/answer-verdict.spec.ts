import { verdictOf } from './answer-verdict.js';
import type { Asked, Kind } from './history.js';

const asked = (kind: Kind): Asked => ({ is: 'inv', op: 'o', attempt: 1, ns: 0, kind, entities: ['light.a'], deadlineNs: 10, nonce: 'n' });
const answer = (status: number, body: object | string) => ({
  is: 'answer' as const,
  ns: 5,
  status,
  text: typeof body === 'string' ? body : JSON.stringify({ bridge_info: {}, ...body }),
});
const refusal = (outcome: string) => ({ error: { code: -32000, message: 'no', data: { outcome } } });

describe('what a caller may conclude from a reply', () => {
  it('is ok with the values and its nonce from a result', () => {
    const body = { structuredContent: { value: 'w1', nonce: 'n' }, bridge_info: { stale: true, age_ms: 7 } };
    expect(verdictOf(asked('read'), answer(200, body))).toEqual({
      is: 'ok',
      op: 'o',
      attempt: 1,
      ns: 5,
      values: ['w1'],
      nonce: 'n',
      ageMs: 7,
    });
  });

  it.each(['not_started', 'unknown'])('is what the bridge says of a write: %s', (outcome) => {
    expect(verdictOf(asked('write'), answer(503, refusal(outcome)))).toMatchObject({ is: outcome });
  });

  it('is doubt about a write that failed for a reason of its own', () => {
    expect(verdictOf(asked('write'), answer(502, refusal('failed')))).toMatchObject({ is: 'unknown', why: '502 -32000: no' });
  });

  it('is an error of a read, whatever its outcome', () => {
    expect(verdictOf(asked('read'), answer(503, refusal('not_started')))).toMatchObject({ is: 'read_error' });
  });

  it('is not_started when the balancer found no replica', () => {
    expect(verdictOf(asked('write'), answer(503, '<html>No server is available</html>'))).toMatchObject({ is: 'not_started' });
  });

  it.each([answer(502, '<html>Bad gateway</html>'), { is: 'broken' as const, ns: 5, why: 'socket hang up' }])(
    'is doubt when the replica was lost on the way',
    (reply) => {
      expect(verdictOf(asked('write'), reply)).toMatchObject({ is: 'unknown', isCut: true });
    },
  );

  it('is nothing when nothing came', () => {
    expect(verdictOf(asked('write'), { is: 'silence', ns: 5 })).toBeUndefined();
  });
});
