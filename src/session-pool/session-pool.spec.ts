import { notStarting, PoolKit, SERVER } from '../../test/support/pool-kit.js';
import { SessionPool } from './session-pool.js';

const never = () => new AbortController().signal;

describe(SessionPool.name, () => {
  describe('choosing a session', () => {
    it('gives a call to the session with the fewest in flight', async () => {
      const kit = await new PoolKit({ minConnections: 2 }).begin();

      const calls = [await kit.send(), await kit.send(), await kit.send()];

      expect(new Set(calls.slice(0, 2).map(({ child }) => child))).toEqual(new Set(kit.children));
      expect(kit.children.map(({ inFlight }) => inFlight).sort()).toEqual([1, 2]);
    });

    it('takes the session used last among equals, so that the others age', async () => {
      const kit = await new PoolKit({ minConnections: 2 }).begin();
      const [, second] = kit.children;
      const [first, other] = [await kit.send(), await kit.send()];
      await kit.clock.advance(10);
      await first.answer();
      await kit.clock.advance(10);
      await other.answer();
      expect(other.child).toBe(second);

      expect((await kit.send()).child).toBe(second);
    });

    it('lets two writes share a session only when every session has one', async () => {
      const kit = await new PoolKit({ minConnections: 2 }).begin();
      const first = await kit.send({ kind: 'write' });
      await kit.send();
      await kit.send();

      const second = await kit.send({ kind: 'write' });
      const third = await kit.send({ kind: 'write' });

      expect(second.child).not.toBe(first.child);
      expect(kit.children).toContain(third.child);
    });

    it.each([{ state: 'retiring' as const }, { blocked: true }])('passes over a session that is %o', async (change) => {
      const kit = await new PoolKit({ minConnections: 2 }).begin();
      kit.children[0]!.turn(change);

      const calls = [await kit.send(), await kit.send()];

      expect(calls.map(({ child }) => child)).not.toContain(kit.children[0]);
    });

    it('gives up after 50 ms when no session has room', async () => {
      const kit = await new PoolKit({ minConnections: 1, maxInFlight: 1 }).begin();
      await kit.send();
      const second = await kit.send();

      await kit.clock.advance(49);
      expect(second.outcome).toBeUndefined();
      await kit.clock.advance(1);
      expect(second.outcome).toEqual({ kind: 'no_session' });
    });

    it('gives a waiting call the session that another gave back', async () => {
      const kit = await new PoolKit({ minConnections: 1, maxInFlight: 1 }).begin();
      const first = await kit.send();
      const second = await kit.send();

      await first.answer();

      expect(second.child).toBe(first.child);
    });

    it('takes a session back from a call that failed to use it', async () => {
      const kit = await new PoolKit({ minConnections: 1, maxInFlight: 1 }).begin();
      const need = { kind: 'read', fingerprint: 'x' } as const;

      await expect(kit.pool.use(SERVER, need, never(), () => Promise.reject(new Error('bug')))).rejects.toThrow('bug');

      expect((await kit.send()).child).toBe(kit.children[0]);
    });
  });

  describe('slots', () => {
    it('tells the queue 0 with no session', async () => {
      const kit = new PoolKit();
      kit.birth = () => new Promise(() => undefined);

      await kit.begin();

      expect(kit.slots).toEqual([0]);
    });

    it('tells what the sessions can carry, at every change', async () => {
      const kit = await new PoolKit({ minConnections: 2, maxInFlight: 4 }).begin();
      expect(kit.slots.at(-1)).toBe(8);

      await kit.send();
      const busy = kit.children.find(({ inFlight }) => inFlight > 0)!;
      busy.turn({ state: 'retiring' });

      expect(kit.slots).toContain(5);
    });

    it('tells a late listener the present value', async () => {
      const kit = await new PoolKit({ minConnections: 2, maxInFlight: 4 }).begin();
      const told: [string, number][] = [];

      kit.pool.onSlots((server, slots) => told.push([server, slots]));

      expect(told).toEqual([[SERVER, 8]]);
    });
  });

  describe('size', () => {
    it('boots with the minimum and grows by one for a call without room, up to the target', async () => {
      const kit = await new PoolKit({ minConnections: 2, targetConnections: 4 }).begin();
      expect(kit.living).toHaveLength(2);

      for (let calls = 0; calls < 5; calls += 1) {
        kit.pool.grow(SERVER);
        await kit.clock.advance(0);
      }

      expect(kit.living).toHaveLength(4);
    });

    it('counts a start under way as the room that was asked for', async () => {
      const kit = await new PoolKit({ minConnections: 1, targetConnections: 4 }).begin();
      kit.birth = () => new Promise(() => undefined);

      kit.pool.grow(SERVER);
      kit.pool.grow(SERVER);

      expect(kit.status).toMatchObject({ ready: 1, starting: 1 });
    });

    it("grows above the target by the seed's rule and rests for five seconds", async () => {
      const kit = new PoolKit({ minConnections: 4, targetConnections: 4, maxConnections: 10 });
      kit.pool.observeLoad(() => ({ waiting: 100, avgResponseMs: 2000 }));
      await kit.begin();

      await kit.clock.advance(1000);
      expect(kit.living).toHaveLength(6);
      await kit.clock.advance(4900);
      expect(kit.living).toHaveLength(6);
      await kit.clock.advance(1100);
      expect(kit.living).toHaveLength(9);
      await kit.clock.advance(20_000);
      expect(kit.living).toHaveLength(10);
    });

    it.each([
      ['few calls wait', { waiting: 8, avgResponseMs: 2000 }],
      ['answers are quick', { waiting: 100, avgResponseMs: 1000 }],
    ])('stays at its size while %s', async (_when, load) => {
      const kit = new PoolKit({ minConnections: 4 });
      kit.pool.observeLoad(() => load);
      await kit.begin();

      await kit.clock.advance(10_000);

      expect(kit.living).toHaveLength(4);
    });

    it('shrinks to the minimum, one a second, and no further', async () => {
      const kit = await new PoolKit({ minConnections: 2, targetConnections: 5, idleTimeoutSeconds: 300 }).begin();
      for (let calls = 0; calls < 3; calls += 1) {
        kit.pool.grow(SERVER);
        await kit.clock.advance(0);
      }
      expect(kit.living).toHaveLength(5);

      await kit.clock.advance(299_000);
      expect(kit.living).toHaveLength(5);
      await kit.clock.advance(2_000);
      expect(kit.living).toHaveLength(3);
      await kit.clock.advance(600_000);
      expect(kit.living).toHaveLength(2);
    });

    it('keeps the target without auto_scale, whatever the load', async () => {
      const kit = new PoolKit({ autoScale: false, targetConnections: 3 });
      kit.pool.observeLoad(() => ({ waiting: 100, avgResponseMs: 2000 }));
      await kit.begin();

      await kit.clock.advance(900_000);

      expect(kit.living).toHaveLength(3);
    });
  });

  describe('a crash', () => {
    it('puts the spare to work in the same turn, and starts another', async () => {
      const kit = await new PoolKit({ minConnections: 1, warmSpares: 1 }).begin();
      expect(kit.kindCounts).toEqual({ plain: 1, dedicated: 0, spare: 1 });
      const [first, spare] = kit.children;
      await (await kit.send()).answer();

      first!.crash();
      const next = await kit.send();

      expect(next.child).toBe(spare);
      expect(kit.kindCounts).toEqual({ plain: 1, dedicated: 0, spare: 1 });
    });

    it('touches only the calls of its child', async () => {
      const kit = await new PoolKit({ minConnections: 2 }).begin();
      const [first, second] = [await kit.send({ fingerprint: 'a' }), await kit.send({ fingerprint: 'b' })];

      first.child!.crash();
      await second.answer();

      expect(await first.reply).toEqual({ kind: 'lost', reason: 'exit', sent: true });
      expect(await second.reply).toMatchObject({ kind: 'result' });
    });

    it('is counted by its reason', async () => {
      const kit = await new PoolKit({ minConnections: 1 }).begin();

      kit.children[0]!.crash({ reason: 'oom' });

      expect(kit.observed).toContain('exited oom');
    });

    it('replaces a child that has proved itself at once', async () => {
      const kit = await new PoolKit({ minConnections: 1 }).begin();
      await (await kit.send()).answer();

      kit.children[0]!.crash();
      await kit.clock.advance(0);

      expect(kit.status).toMatchObject({ ready: 1 });
    });
  });

  describe('poison', () => {
    const poison = { fingerprint: 'poison' };

    it('convicts a call at its second crash, alone, and lets the neighbour go free', async () => {
      const kit = await new PoolKit({ minConnections: 1, maxConnections: 2 }).begin();
      const culprit = await kit.send(poison);
      const neighbour = await kit.send({ fingerprint: 'innocent' });
      culprit.child!.crash();
      await kit.clock.advance(1000);

      const acquitted = await kit.send({ fingerprint: 'innocent' });
      await acquitted.answer();
      const again = await kit.send(poison);
      again.child!.crash();
      await kit.clock.advance(1000);

      expect(await neighbour.reply).toMatchObject({ kind: 'lost' });
      expect(acquitted.outcome).toMatchObject({ kind: 'result' });
      expect((await kit.send(poison)).outcome).toMatchObject({ kind: 'refused', reason: 'quarantined' });
      expect(kit.status.quarantined).toBe(1);
      expect((await kit.send({ fingerprint: 'innocent' })).child).toBeDefined();
    });

    it('runs a marked call without neighbours', async () => {
      const kit = await new PoolKit({ minConnections: 2 }).begin();
      const first = await kit.send(poison);
      first.child!.crash();
      await kit.clock.advance(1000);

      const solo = await kit.send(poison);
      const others = [await kit.send(), await kit.send(), await kit.send()];

      expect(others.map(({ child }) => child)).not.toContain(solo.child);
      expect(kit.slots.at(-1)).toBe(5);
    });

    it('keeps a session free for a marked call when all are busy', async () => {
      const kit = await new PoolKit({ minConnections: 1, maxConnections: 1 }).begin();
      (await kit.send(poison)).child!.crash();
      await kit.clock.advance(1000);
      const busy = await kit.send();

      const early = await kit.send(poison);
      const stranger = await kit.send();
      await kit.clock.advance(50);
      expect([early.outcome, stranger.outcome]).toEqual([{ kind: 'no_session' }, { kind: 'no_session' }]);
      await busy.answer();

      expect((await kit.send(poison)).child).toBe(busy.child);
    });

    it('serves everybody again when the marked call does not come back', async () => {
      const kit = await new PoolKit({ minConnections: 1, maxConnections: 1 }).begin();
      (await kit.send(poison)).child!.crash();
      await kit.clock.advance(1000);
      await kit.send();
      await kit.send(poison);

      await kit.clock.advance(5000);

      expect((await kit.send()).child).toBeDefined();
    });

    it('forgives after ten minutes', async () => {
      const kit = await new PoolKit({ minConnections: 1 }).begin();
      for (let crashes = 0; crashes < 2; crashes += 1) {
        (await kit.send(poison)).child!.crash();
        await kit.clock.advance(2000);
      }
      expect((await kit.send(poison)).outcome).toMatchObject({ reason: 'quarantined' });

      await kit.clock.advance(600_000);

      expect((await kit.send(poison)).child).toBeDefined();
    });
  });

  describe('starting', () => {
    it('starts the first child of an upstream alone', async () => {
      const kit = new PoolKit({ minConnections: 4 });
      let birth: () => void = () => undefined;
      kit.birth = () => new Promise((resolve) => (birth = resolve));
      await kit.begin();
      expect(kit.status.starting).toBe(1);

      birth();
      await kit.clock.advance(0);

      expect(kit.status).toMatchObject({ ready: 1, starting: 3 });
    });

    it('never runs more than the bound at once over all upstreams', async () => {
      const others = Array.from({ length: 9 }, (_, index) => ({ name: `other-${index}`, minConnections: 3 }));
      const kit = new PoolKit({ minConnections: 3 }, others, 2);
      kit.birth = () => new Promise((resolve) => kit.clock.after(100, resolve));

      await kit.begin();
      await kit.clock.advance(10_000);

      expect(kit.mostStartsAtOnce).toBe(2);
      expect(kit.children).toHaveLength(30);
    });

    it("does not let a server that cannot start delay another's first call", async () => {
      const kit = new PoolKit({}, [{ name: 'other' }], 2);
      kit.birth = (server) => (server === SERVER ? new Promise(() => undefined) : Promise.resolve());

      await kit.begin();

      expect((await kit.send({}, 'other')).child?.server).toBe('other');
    });

    it('spaces the attempts out, and refuses calls at once after five failures', async () => {
      const kit = new PoolKit();
      kit.birth = notStarting;
      await kit.begin();

      expect(kit.observed).toEqual(['started exit']);
      await kit.clock.advance(250 + 500 + 1000);
      expect(kit.observed).toHaveLength(4);
      expect(kit.status).toMatchObject({ canStart: true, failure: { reason: 'exit', stderr: ['cannot reach the house'] } });
      await kit.clock.advance(2000);

      const call = await kit.send();
      expect(call.outcome).toEqual({ kind: 'refused', reason: 'start_failed', detail: 'exit', retryAfterMs: 4000 });
      expect(kit.status).toMatchObject({ canStart: false });
      await expect(kit.pool.describe(SERVER, never())).rejects.toMatchObject({ reason: 'upstream_unavailable' });
    });

    it('tells the slots again when it turns out that no session will come', async () => {
      const kit = new PoolKit();
      kit.birth = notStarting;
      await kit.begin();

      await kit.clock.advance(10_000);

      expect(kit.slots).toEqual([0, 0]);
    });

    it('succeeds at the next attempt after a fixed configuration, without restart', async () => {
      const kit = new PoolKit({ minConnections: 2 });
      kit.birth = notStarting;
      await kit.begin();
      await kit.clock.advance(600_000);

      kit.birth = () => Promise.resolve();
      await kit.clock.advance(30_000);
      expect((await kit.send()).child).toBeDefined();
      await kit.clock.advance(60_000);

      expect(kit.status).toMatchObject({ ready: 2, canStart: true });
      expect(kit.status.failure).toBeUndefined();
    });

    it('counts a child that ends before it has answered a call as a failed start', async () => {
      const kit = await new PoolKit({ minConnections: 1, idleTimeoutSeconds: 3600 }).begin();

      for (let crashes = 0; crashes < 5; crashes += 1) {
        kit.living[0]!.crash();
        await kit.clock.advance(crashes < 4 ? 30_000 : 0);
      }

      expect((await kit.send()).outcome).toMatchObject({ kind: 'refused', reason: 'start_failed' });
    });

    it('does not call a child ready that cannot list its tools', async () => {
      const kit = new PoolKit({ minConnections: 1 });
      kit.replies = { 'tools/list': { kind: 'rpc_error', error: { code: -32603, message: 'not yet' } } };

      await kit.begin();

      expect(kit.status).toMatchObject({ ready: 0, failure: { reason: 'refused', stderr: ['goodbye'] } });
      expect(kit.children[0]!.ended).toBe('term');
    });
  });

  describe('describe', () => {
    it('waits for the first session', async () => {
      const kit = new PoolKit();
      const described = kit.pool.describe(SERVER, never());

      await kit.begin();

      expect(await described).toMatchObject({ serverInfo: { name: SERVER } });
    });

    it('gives up with its caller', async () => {
      const kit = new PoolKit();
      const caller = new AbortController();
      const described = kit.pool.describe(SERVER, caller.signal);

      caller.abort();

      await expect(described).rejects.toMatchObject({ reason: 'no_sessions' });
    });
  });

  describe('close', () => {
    it('ends every child and hands nothing out any more', async () => {
      const kit = await new PoolKit({ minConnections: 3 }).begin();

      await kit.pool.close();

      expect(kit.living).toEqual([]);
      expect(kit.slots.at(-1)).toBe(0);
      expect((await kit.send()).outcome).toEqual({ kind: 'no_session' });
      await kit.clock.advance(120_000);
      expect(kit.children).toHaveLength(3);
    });

    it('ends a child that becomes ready meanwhile, and waits for it', async () => {
      const kit = new PoolKit({ minConnections: 1 });
      let birth: () => void = () => undefined;
      kit.birth = () => new Promise((resolve) => (birth = resolve));
      await kit.begin();

      const closed = kit.pool.close();
      birth();
      await closed;

      expect(kit.children.map(({ state }) => state)).toEqual(['gone']);
      expect(kit.kindCounts).toEqual({ plain: 0, dedicated: 0, spare: 0 });
    });
  });
});
