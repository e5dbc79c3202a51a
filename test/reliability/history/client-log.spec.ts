import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientLog } from './client-log.js';
import type { Asked } from './history.js';

const asked = (op: string): Asked => ({ is: 'inv', op, attempt: 1, ns: 0, kind: 'write', entities: ['light.a'], deadlineNs: 10 });

describe('ClientLog', () => {
  const folder = mkdtempSync(join(tmpdir(), 'client-log-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const log = () => new ClientLog(join(folder, 'clients.jsonl'));

  it('finds the replica of each attempt by the order of requests on a connection', () => {
    const callers = log();
    callers.sent(asked('a'), 5001);
    callers.sent(asked('b'), 5002);
    callers.sent(asked('c'), 5001);

    const served = [
      { callerPort: 5002, status: 200, port: 81 },
      { callerPort: 5001, status: 200, port: 80 },
      { callerPort: 5001, status: 503 },
    ];
    const holders = callers.holders(served, (port) => `replica on ${port}`);
    expect([...holders]).toEqual([
      ['b#1', 'replica on 81'],
      ['a#1', 'replica on 80'],
    ]);
  });

  it('is in its file once it was flushed, a line for each event', () => {
    const callers = log();
    callers.add(asked('a'));
    callers.flush();
    expect(JSON.parse(readFileSync(join(folder, 'clients.jsonl'), 'utf8'))).toEqual(asked('a'));
  });
});
