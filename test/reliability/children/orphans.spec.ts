import { randomUUID } from 'node:crypto';
import { upstream } from '../../support/a-bridge.js';
import { aProcess } from '../../support/a-process.js';
import { eventually } from '../../support/eventually.js';
import { processesMarked } from '../../support/processes.js';

const ROUNDS = 20;
const AT_ONCE = 4;
const GONE_WITHIN_MS = 5000;

/** Three children that ignore the end of their input and SIGTERM, one with a grandchild of the same kind. */
async function round(): Promise<number> {
  const marker = `ORPHAN_TEST=${randomUUID()}`;
  const env = { ORPHAN_TEST: marker.slice('ORPHAN_TEST='.length) };
  const one = { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0, env };
  const upstreams = {
    stubborn: upstream('misbehaving', ['ignores-term'], one),
    deaf: upstream('misbehaving', ['ignores-eof'], one),
    parent: upstream('misbehaving', ['grandchild'], one),
  };
  const bridge = await aProcess(['--config', JSON.stringify({ upstreams })]);
  await eventually(
    () => processesMarked(marker).length,
    (count) => count >= 4,
    10_000,
  );
  await bridge.stop('SIGKILL');
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
    for (let done = 0; done < ROUNDS; done += AT_ONCE) survivors.push(...(await Promise.all(Array.from({ length: AT_ONCE }, round))));
    expect(survivors).toEqual(Array(ROUNDS).fill(0));
  }, 120_000);
});
