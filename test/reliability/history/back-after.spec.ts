import { backAfter } from './back-after.js';
import { NS_PER_MS } from './history.js';

const at = (ms: number) => ms * NS_PER_MS;
const ran = (op: string, ms: number) => ({
  ev: 'start' as const,
  op,
  kind: 'read' as const,
  entities: [],
  value: null,
  pid: 1,
  replica: 'r1',
  ns: at(ms),
});
const ok = (op: string, ms: number) => ({ is: 'ok' as const, op, attempt: 1, ns: at(ms), values: [] });

describe('The time until callers are served again', () => {
  it('ends with the first answer to what a child began after the moment, and with no answer from memory', () => {
    const history = {
      ledger: [ran('before', 900), ran('after', 1_300)],
      clients: [ok('before', 1_010), ok('memory', 1_020), ok('after', 1_350)],
    };
    expect(backAfter([at(1_000)], history)).toEqual([350]);
  });

  it('has no end when nobody was served', () => {
    expect(backAfter([at(1_000)], { ledger: [], clients: [] })).toEqual([Infinity]);
  });
});
