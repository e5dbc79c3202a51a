import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { upstream } from '../../support/a-bridge.js';
import { eventually } from '../../support/eventually.js';
import { processesMarked } from '../../support/processes.js';

const MAIN = join(import.meta.dirname, '../../../dist/main.js');
const ROUNDS = 20;
const AT_ONCE = 4;
const GONE_WITHIN_MS = 5000;

/**
 * Three children that ignore the end of their input and SIGTERM, one with a grandchild of the same kind.
 * @param killedAt how many of these four there are when the bridge is killed: fewer, and it is just starting the next
 */
async function round(killedAt: number): Promise<number> {
  const marker = `ORPHAN_TEST=${randomUUID()}`;
  const env = { ORPHAN_TEST: marker.slice('ORPHAN_TEST='.length) };
  const one = { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0, env };
  const upstreams = {
    stubborn: upstream('misbehaving', ['ignores-term'], one),
    deaf: upstream('misbehaving', ['ignores-eof'], one),
    parent: upstream('misbehaving', ['grandchild'], one),
  };
  const args = [MAIN, '--port', '0', '--config', JSON.stringify({ upstreams })];
  const bridge = spawn(process.execPath, args, { env: { PATH: process.env.PATH }, stdio: 'ignore' });
  await eventually(
    () => processesMarked(marker).length,
    (count) => count >= killedAt,
    10_000,
  );
  bridge.kill('SIGKILL');
  await eventually(
    () => processesMarked(marker),
    (left) => left.length === 0,
    GONE_WITHIN_MS,
  );
  return processesMarked(marker).length;
}

describe('T16: children of a bridge that is killed', () => {
  it(`are gone within ${GONE_WITHIN_MS / 1000} s, grandchildren too, ${ROUNDS} times of ${ROUNDS}`, async () => {
    const survivors: number[] = [];
    for (let done = 0; done < ROUNDS; done += AT_ONCE)
      survivors.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => round(n + 1)))));
    expect(survivors).toEqual(Array(ROUNDS).fill(0));
  }, 120_000);
});
