import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { now } from './now.js';
import { PidWatch } from './pid-watch.js';

describe('PidWatch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pid-watch-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('knows when a child that is dead was last alive, and says nothing of the living', async () => {
    const ledger = join(folder, 'ledger.jsonl');
    const watch = new PidWatch(ledger);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    const ended = once(child, 'exit');
    for (const pid of [child.pid, process.pid])
      appendFileSync(ledger, `${JSON.stringify({ ev: 'start', op: 'o', pid, ns: String(now()) })}\n`);
    watch.look();
    const killedNs = now();
    child.kill('SIGKILL');
    await ended;

    const lastAlive = watch.stop();
    expect([...lastAlive.keys()]).toEqual([child.pid]);
    const [deathNs = Infinity, ...more] = lastAlive.get(child.pid ?? 0) ?? [];
    expect(deathNs - killedNs).toBeLessThan(5e9);
    expect(more).toEqual([]);
  });

  it('tells apart two children that had one pid after each other', () => {
    const ledger = join(folder, 'reused.jsonl');
    let birth: string | undefined = 'first';
    const watch = new PidWatch(ledger, () => birth);
    const begin = () => appendFileSync(ledger, `${JSON.stringify({ ev: 'start', op: 'o', pid: 7, ns: String(now()) })}\n`);
    begin();
    watch.look();
    birth = 'second';
    const secondNs = now();
    begin();
    watch.look();
    birth = undefined;

    const [first = Infinity, second = -Infinity] = watch.stop().get(7) ?? [];
    expect(first).toBeLessThan(secondNs);
    expect(second).toBeGreaterThan(secondNs);
  });
});
