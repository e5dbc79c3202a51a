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

  it('serves the others again on the session kept free for a lonely call that was given another', async () => {
    const kit = await new PoolKit({ minConnections: 2, maxInFlight: 4 }).begin();
    const busy = [await kit.send(), await kit.send()];
    const lonely = await kit.send({ fingerprint: 'lonely', alone: true });
    expect(kit.slots.at(-1)).toBe(1 + 4);

    await busy.find(({ child }) => child?.id === 2)!.answer(); // the first of two equals is the one that is kept
    expect(lonely.child?.id).toBe(2);

    expect(kit.slots.at(-1)).toBe(4 + 1);
    expect((await kit.send()).child?.id).toBe(1);
  });

  it('serves the others again when the caller of a lonely call leaves', async () => {
    const kit = await new PoolKit({ minConnections: 1, maxInFlight: 4 }).begin();
    await kit.send();
    const lonely = await kit.send({ fingerprint: 'lonely', alone: true });
    const twin = await kit.send({ fingerprint: 'lonely', alone: true });

    lonely.caller.abort();
    await lonely.reply;
    expect(kit.slots.at(-1)).toBe(1);
    twin.caller.abort();
    await twin.reply;

    expect(kit.slots.at(-1)).toBe(4);
    expect((await kit.send()).child?.id).toBe(1);
  });
});
