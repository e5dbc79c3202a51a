import { PoolKit, SERVER } from '../../test/support/pool-kit.js';
import { Lender } from './lender.js';

describe(Lender.name, () => {
  it('lends once to a waiting call whose client has to be given another child', async () => {
    const kit = await new PoolKit({ isolation: 'per_client', maxConnections: 3, maxInFlight: 2, warmSpares: 1 }).begin();
    await kit.send({ client: 'ann' });
    await kit.send({ client: 'ann' });
    const waiting = await kit.send({ client: 'ann', fingerprint: 'waiting' });
    expect(waiting.child).toBeUndefined();

    await kit.pool.end(SERVER, 'ann');
    await waiting.answer();

    expect(waiting.outcome).toMatchObject({ kind: 'result' });
    const next = [await kit.send({ client: 'ann', fingerprint: 'next' }), await kit.send({ client: 'ann', fingerprint: 'next' })];
    expect(next.map(({ child }) => child?.id)).toEqual([waiting.child?.id, waiting.child?.id]);
  });

  it('lends one session to a waiting lonely call when two become empty at once', async () => {
    const kit = await new PoolKit({ minConnections: 2 }).begin();
    for (const child of kit.children) child.turn({ blocked: true });
    const lonely = await kit.send({ fingerprint: 'lonely', alone: true });

    kit.children[0]!.blocked = false;
    kit.children[1]!.turn({ blocked: false });
    const other = await kit.send();

    expect([lonely.child?.id, other.child?.id].sort()).toEqual([1, 2]);
  });
});
