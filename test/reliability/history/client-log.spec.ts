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

  it('is in its file once it was flushed, a line for each event', () => {
    const callers = log();
    callers.add(asked('a'));
    callers.flush();
    expect(JSON.parse(readFileSync(join(folder, 'clients.jsonl'), 'utf8'))).toEqual(asked('a'));
  });
});
