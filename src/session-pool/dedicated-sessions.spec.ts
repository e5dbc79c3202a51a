import { notStarting, PoolKit, SERVER } from '../../test/support/pool-kit.js';

const never = () => new AbortController().signal;
const perClient = { isolation: 'per_client' as const, maxConnections: 2, maxInFlight: 2 };

describe('dedicated sessions', () => {
  it('give each client a child of its own, started by the call that needs it', async () => {
    const kit = await new PoolKit(perClient).begin();

    const [ann, bob] = [await kit.send({ client: 'ann' }), await kit.send({ client: 'bob' })];
    const annAgain = await kit.send({ client: 'ann' });

    expect(ann.child).toBeDefined();
    expect(bob.child).not.toBe(ann.child);
    expect(annAgain.child).toBe(ann.child);
    expect(kit.kindCounts).toEqual({ plain: 0, dedicated: 2, spare: 0 });
  });

  it('are taken from the spares', async () => {
    const kit = await new PoolKit({ ...perClient, maxConnections: 4, warmSpares: 1 }).begin();
    const [spare] = kit.children;
    kit.birth = () => new Promise(() => undefined);

    expect((await kit.send({ client: 'ann' })).child).toBe(spare);
    expect(kit.status).toMatchObject({ starting: 1 });
  });

  it('are waited for as long as the call may live', async () => {
    const kit = await new PoolKit(perClient).begin();
    await kit.send({ client: 'ann' });
    kit.birth = () => new Promise((resolve) => kit.clock.after(5_000, resolve));
    const bob = await kit.send({ client: 'bob' });

    await kit.clock.advance(4_999);
    expect(bob.outcome).toBeUndefined();
    await kit.clock.advance(1);

    expect(bob.child).toBeDefined();
  });

  it('are refused to a new client when all belong to others', async () => {
    const kit = await new PoolKit(perClient).begin();
    await kit.send({ client: 'ann' });
    await kit.send({ client: 'bob' });

    expect((await kit.send({ client: 'cyd' })).outcome).toMatchObject({ kind: 'refused', reason: 'pool_full' });
    await expect(kit.pool.open(SERVER, 'cyd', never())).rejects.toMatchObject({ reason: 'no_sessions' });
  });

  it('are free for another client once the first has left', async () => {
    const kit = await new PoolKit(perClient).begin();
    await kit.pool.open(SERVER, 'ann', never());
    await kit.pool.open(SERVER, 'bob', never());

    await kit.pool.end(SERVER, 'ann');

    expect((await kit.send({ client: 'cyd' })).child).toBeDefined();
    expect(kit.changes).toEqual([]);
  });

  it('keep no place for a client who gave up waiting', async () => {
    const kit = await new PoolKit({ ...perClient, maxConnections: 1 }).begin();
    kit.birth = () => new Promise(() => undefined);
    kit.children[0]!.crash();
    const ann = await kit.send({ client: 'ann' });

    ann.caller.abort();
    await ann.reply;

    expect((await kit.send({ client: 'bob' })).outcome).toBeUndefined();
  });

  it('keep no place for a client whose child never came up', async () => {
    const kit = new PoolKit({ ...perClient, maxConnections: 1 });
    kit.birth = notStarting;
    await kit.begin();
    const ann = await kit.send({ client: 'ann' });
    await kit.clock.advance(60_000);
    expect(ann.outcome).toMatchObject({ reason: 'start_failed' });

    kit.birth = () => Promise.resolve();
    await kit.clock.advance(30_000);

    expect((await kit.send({ client: 'bob' })).child).toBeDefined();
  });

  it('carry max_in_flight calls each, and the rest goes back to the queue', async () => {
    const kit = await new PoolKit(perClient).begin();
    const calls = [await kit.send({ client: 'ann' }), await kit.send({ client: 'ann' }), await kit.send({ client: 'ann' })];

    await kit.clock.advance(50);

    expect(calls.map(({ outcome }) => outcome)).toEqual([undefined, undefined, { kind: 'no_session' }]);
  });

  it('tell the queue that every client may come', async () => {
    const kit = await new PoolKit(perClient).begin();

    expect(kit.slots).toEqual([4]);
  });

  it('end their client when they die, and the next call starts anew', async () => {
    const kit = await new PoolKit(perClient).begin();
    const ann = await kit.send({ client: 'ann' });
    await ann.answer();

    ann.child!.crash();
    expect(kit.changes).toEqual([{ server: SERVER, kind: 'client_gone', client: 'ann' }]);

    const again = await kit.send({ client: 'ann' });
    expect(again.child).toBeDefined();
    expect(again.child).not.toBe(ann.child);
  });

  it('are refused at once when the server does not start', async () => {
    const kit = new PoolKit(perClient);
    kit.birth = notStarting;
    await kit.begin();
    await kit.clock.advance(60_000);

    expect((await kit.send({ client: 'ann' })).outcome).toMatchObject({ kind: 'refused', reason: 'start_failed' });
    await expect(kit.pool.open(SERVER, 'ann', never())).rejects.toMatchObject({ reason: 'upstream_unavailable' });
  });

  it('are not ended for being idle', async () => {
    const kit = await new PoolKit(perClient).begin();
    const ann = await kit.send({ client: 'ann' });
    await ann.answer();

    await kit.clock.advance(3_600_000);

    expect(ann.child!.state).toBe('ready');
  });
});
