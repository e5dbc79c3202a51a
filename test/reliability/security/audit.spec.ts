import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { eventually } from '../../support/eventually.js';
import { Ledger } from '../../support/ledger.js';

interface Row {
  readonly principal: string;
  readonly tool: string;
  readonly lock_keys: readonly string[];
  readonly arguments_hash: string;
  readonly sequence?: number;
  readonly outcome: string;
  readonly request_id?: string;
}

const POLICY = { tools: { write: { kind: 'write', targets: ['/entity'] }, read: { kind: 'read' } } };
const KEY = { 'X-API-Key': 'the key of the one who opens doors' };

describe('T24: the audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  const ledger = new Ledger();
  let bridge: RunningBridge;

  beforeAll(async () => {
    bridge = await aBridge({
      audit: { file: join(folder, 'audit.jsonl') },
      access: { keys: [{ name: 'porter', sha256: hash('sha256', KEY['X-API-Key']) }] },
      circuit_breaker: { failure_threshold: 2, recovery_timeout_seconds: 3600 },
      session_pool: { min_connections: 1, target_connections: 1 },
      upstreams: { ledger: upstream('ledger', [ledger.path], { policy: POLICY }), dying: upstream('stateful') },
    });
  });
  afterAll(async () => {
    await bridge.close();
    ledger.remove();
    rmSync(folder, { recursive: true });
  });

  const rows = (): Row[] =>
    readFileSync(join(folder, 'audit.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);

  it('has one row for each write that ran, in their order, and none for a read or a repeat', async () => {
    const write = (n: number) => bridge.call('write', { entity: `door.${n % 3}`, op: `op-${n}` }, { ...KEY, 'X-Request-ID': `w-${n}` });
    await Promise.all(Array.from({ length: 20 }, (_, n) => write(n)));
    await Promise.all([write(3), bridge.call('read', { entity: 'door.1' }, KEY)]);
    const audited = await eventually(rows, (found) => found.length >= 20);
    const bySequence = [...audited].sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
    for (const door of ['door.0', 'door.1', 'door.2']) {
      const ran = ledger.runs('write').filter(({ entities }) => entities[0] === door);
      const told = bySequence.filter(({ lock_keys: [key] }) => key === `ledger/${door}`);
      expect(told.map(({ request_id: id }) => id)).toEqual(ran.map(({ op }) => op.replace('op', 'w')));
    }
    expect(audited).toHaveLength(20);
    expect(audited[0]).toMatchObject({ principal: 'porter', tool: 'write', outcome: 'done', arguments_hash: expect.any(String) });
  });

  it('has a row, without a place in the order, for a write that was refused before it could queue', async () => {
    const crash = (id: string) => bridge.post('/mcp/servers/dying/tools/call', { name: 'crash' }, { ...KEY, 'X-Request-ID': id });
    const before = rows().length;
    await crash('c-1');
    await crash('c-2');
    expect((await crash('c-3')).body.error.data.outcome).toBe('not_started');
    const [first, second, refused] = (await eventually(rows, (found) => found.length >= before + 3)).slice(before);
    expect([first?.outcome, second?.outcome]).toEqual(['unknown', 'unknown']);
    expect(refused).toMatchObject({ tool: 'crash', outcome: 'not_started', request_id: 'c-3' });
    expect(refused).not.toHaveProperty('sequence');
  });
});
