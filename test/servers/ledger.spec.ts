import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anUpstream, call, SessionKit, textOf } from '../support/session-kit.js';

describe('the ledger server', () => {
  const kit = new SessionKit();
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const path = join(folder, 'ledger.jsonl');

  afterAll(async () => {
    await kit.close();
    rmSync(folder, { recursive: true });
  });

  const lines = () =>
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('leaves a start and an end for each call, on one clock, and shows all children the same registers', async () => {
    const writer = await kit.start(anUpstream('ledger', [path], { env: { LEDGER_REPLICA: 'a' } }));
    const reader = await kit.start(anUpstream('ledger', [path], { env: { LEDGER_REPLICA: 'b' } }));

    await call(writer.session, { entity: 'lamp', op: 'w1', work_ms: 5 }, { tool: 'write', kind: 'write' }).reply;
    const read = await call(reader.session, { entity: 'lamp', op: 'r1', nonce: 'mine' }, { tool: 'read' }).reply;

    expect(JSON.parse(textOf(read))).toEqual({ op: 'r1', value: 'w1', pid: reader.session.pid, nonce: 'mine' });
    expect(lines()).toMatchObject([
      { ev: 'start', op: 'w1', kind: 'write', entities: ['lamp'], pid: writer.session.pid, replica: 'a' },
      { ev: 'end', op: 'w1', value: 'w1' },
      { ev: 'start', op: 'r1', kind: 'read', replica: 'b' },
      { ev: 'end', op: 'r1', value: 'w1' },
    ]);
    const times = lines().map(({ ns }) => BigInt(String(ns)));
    expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('shows a write that never ended by its missing end', async () => {
    const { session } = await kit.start(anUpstream('ledger', [path]));
    const { settled } = call(
      session,
      { entity: 'door', op: 'w2', work_ms: 60_000 },
      { tool: 'write', kind: 'write', budgetMs: 50, holdMs: 10 },
    );
    await settled;
    expect(lines().filter(({ op }) => op === 'w2')).toMatchObject([{ ev: 'start' }]);
  });
});
