import type { JsonObject } from '../call/json.js';
import { type FakeChild, PoolKit, SERVER } from '../../test/support/pool-kit.js';
import type { Reply } from './reply.js';
import { ResourceWatch } from './resource-watch.js';

const CHANGES = 'house://states';
const GROUPS = 'house://groups';
const HEALTH = 'house://health';

const health = (told: JsonObject): Reply => ({ kind: 'result', result: { contents: [{ uri: HEALTH, text: JSON.stringify(told) }] } });

async function aWatchedKit(given: { replies?: PoolKit['replies']; era?: '2025' | '2026'; health?: boolean } = {}): Promise<PoolKit> {
  const kit = new PoolKit({ minConnections: 3 });
  kit.replies = given.replies ?? {};
  kit.description = { ...kit.description, era: given.era ?? '2025' };
  kit.pool.watch(SERVER, { changes: CHANGES, ...(given.health && { health: HEALTH }) });
  return kit.begin();
}

function acknowledge(child: FakeChild, resourceSubscriptions: readonly string[]): void {
  child.tell('notifications/subscriptions/acknowledged', { notifications: { resourceSubscriptions: [...resourceSubscriptions] } });
}

describe(ResourceWatch.name, () => {
  it('subscribes on one child and no other', async () => {
    const kit = await aWatchedKit();

    expect(kit.children.filter(({ asked }) => asked.includes('resources/subscribe'))).toHaveLength(1);
    expect(kit.changes).toEqual([{ server: SERVER, kind: 'feed', live: true }]);
  });

  it('listens in 2026 with one request, and is live when that was acknowledged', async () => {
    const kit = await aWatchedKit({ era: '2026' });
    const [listener] = kit.children;
    expect(listener!.pending[0]).toMatchObject({
      method: 'subscriptions/listen',
      params: { notifications: { resourceSubscriptions: [CHANGES] } },
    });
    expect(kit.changes).toEqual([]);

    acknowledge(listener!, [CHANGES]);
    await kit.clock.advance(86_400_000);

    expect(kit.changes).toEqual([{ server: SERVER, kind: 'feed', live: true }]);
  });

  it('leaves the lists to the handshake, whose acknowledgement is none of the feed', async () => {
    const kit = await aWatchedKit({ era: '2026' });
    const [child] = kit.children;
    expect(child!.pending[0]).not.toMatchObject({ params: { notifications: { toolsListChanged: true } } });
    child!.tell('notifications/subscriptions/acknowledged', { notifications: { toolsListChanged: true } });
    expect(kit.changes).toEqual([]);
  });

  it('is not live when the child will tell less than was asked', async () => {
    const kit = await aWatchedKit({ era: '2026' });
    acknowledge(kit.children[0]!, []);
    expect(kit.changes).toEqual([]);
  });

  it('moves to another child when the one it listens on goes', async () => {
    const kit = await aWatchedKit();
    const listened = () => kit.children.findLast(({ asked }) => asked.includes('resources/subscribe'));
    const first = listened()!;

    first.crash();
    await kit.clock.advance(0);

    expect(listened()).not.toBe(first);
    expect(kit.changes.slice(1)).toEqual([
      { server: SERVER, kind: 'feed', live: false },
      { server: SERVER, kind: 'feed', live: true },
    ]);
  });

  it('keeps its child when idle ones are ended', async () => {
    const kit = await aWatchedKit();
    const [source] = kit.children.filter(({ asked }) => asked.includes('resources/subscribe'));
    kit.pool.grow(SERVER);
    await kit.clock.advance(600_000);

    expect(kit.living).toHaveLength(3);
    expect(source!.state).toBe('ready');
    expect(kit.changes).toHaveLength(1);
  });

  it('tries again when the subscription was refused', async () => {
    const kit = await aWatchedKit({
      replies: { 'resources/subscribe': { kind: 'rpc_error', error: { code: -32603, message: 'not yet' } } },
    });
    const [child] = kit.children;
    expect(kit.changes).toEqual([]);

    child!.replies = {};
    await kit.clock.advance(5_000);

    expect(kit.changes).toEqual([{ server: SERVER, kind: 'feed', live: true }]);
  });

  it('passes on what was updated, with what the server says about it', async () => {
    const kit = await aWatchedKit();

    kit.children[0]!.tell('notifications/resources/updated', { uri: CHANGES, _meta: { 'bridge/changed': ['lamp'] } });

    expect(kit.changes.at(-1)).toEqual({ server: SERVER, kind: 'resource_updated', uri: CHANGES, meta: { 'bridge/changed': ['lamp'] } });
  });

  it('shows the last answer of the health resource, and none when nobody can give one', async () => {
    const kit = await aWatchedKit({ health: true, replies: { 'resources/read': health({ status: 'ok', version: 1 }) } });
    expect(kit.status.health).toEqual({ status: 'ok', version: 1 });

    for (const child of kit.children) child.replies = { 'resources/read': health({ status: 'down' }) };
    await kit.clock.advance(5_000);
    expect(kit.status.health).toEqual({ status: 'down' });

    kit.birth = () => new Promise(() => undefined);
    for (const child of kit.living) child.crash();
    expect(kit.status.health).toBeUndefined();
  });

  it('lets no second child start while the first says that it is only starting', async () => {
    const kit = await aWatchedKit({ health: true, replies: { 'resources/read': health({ status: 'starting' }) } });
    await kit.clock.advance(1000);
    expect(kit.children).toHaveLength(1);

    kit.replies = kit.children[0]!.replies = { 'resources/read': health({ status: 'ok' }) };
    await kit.clock.advance(250);

    expect(kit.children).toHaveLength(3);
  });

  it('waits five seconds at most for a first child that cannot make up its mind', async () => {
    const kit = await aWatchedKit({ health: true, replies: { 'resources/read': health({ status: 'starting' }) } });

    await kit.clock.advance(4_999);
    expect(kit.children).toHaveLength(1);
    await kit.clock.advance(1);

    expect(kit.children).toHaveLength(3);
  });

  it('starts no further child while the server behind is refusing us', async () => {
    const kit = await aWatchedKit({ health: true, replies: { 'resources/read': health({ status: 'refused' }) } });

    kit.pool.grow(SERVER);
    await kit.clock.advance(600_000);

    expect(kit.children).toHaveLength(1);
  });

  describe('of what ids stand for', () => {
    const table = (groups: JsonObject): Reply => ({
      kind: 'result',
      result: { contents: [{ uri: GROUPS, text: JSON.stringify({ groups }) }] },
    });
    const learned = (kit: PoolKit) => kit.changes.filter(({ kind }) => kind === 'groups');
    const source = (kit: PoolKit) => kit.living.find(({ asked }) => asked.includes('resources/subscribe'))!;

    async function aKitWithGroups(replies: PoolKit['replies'], era: '2025' | '2026' = '2025'): Promise<PoolKit> {
      const kit = new PoolKit({ minConnections: 2 });
      kit.replies = replies;
      kit.description = { ...kit.description, era };
      kit.pool.watch(SERVER, { changes: CHANGES, groups: GROUPS });
      return kit.begin();
    }

    it('tells the table at once, and again whenever it was updated', async () => {
      const kit = await aKitWithGroups({ 'resources/read': table({ both: ['a', 'b'] }) });
      expect(learned(kit)).toEqual([{ server: SERVER, kind: 'groups', table: { groups: { both: ['a', 'b'] } } }]);

      const child = source(kit);
      child.replies['resources/read'] = table({ both: ['a'] });
      child.tell('notifications/resources/updated', { uri: GROUPS });
      await kit.clock.advance(0);
      expect(learned(kit).at(-1)).toMatchObject({ table: { groups: { both: ['a'] } } });
    });

    it('reads once more for all that was updated during a reading', async () => {
      const kit = await aKitWithGroups({ 'resources/read': 'silent' });
      const child = source(kit);
      for (let i = 0; i < 5; i += 1) child.tell('notifications/resources/updated', { uri: GROUPS });
      child.replies['resources/read'] = table({ new: ['a'] });
      child.pending.find(({ method }) => method === 'resources/read')!.answer(table({ old: ['a'] }));
      await kit.clock.advance(0);

      expect(child.asked.filter((method) => method === 'resources/read')).toHaveLength(2);
      expect(learned(kit).at(-1)).toMatchObject({ table: { groups: { new: ['a'] } } });
    });

    it('takes the table back when it cannot be read again, and tries until it can', async () => {
      const kit = await aKitWithGroups({ 'resources/read': table({ both: ['a'] }) });
      const child = source(kit);
      child.replies['resources/read'] = { kind: 'rpc_error', error: { code: -32603, message: 'no' } };
      child.tell('notifications/resources/updated', { uri: GROUPS });
      await kit.clock.advance(0);
      expect(learned(kit).at(-1)).toEqual({ server: SERVER, kind: 'groups' });

      child.replies['resources/read'] = table({ both: ['b'] });
      await kit.clock.advance(5_000);
      expect(learned(kit).at(-1)).toMatchObject({ table: { groups: { both: ['b'] } } });
    });

    it('takes the table back when the child that told it goes, and asks the next', async () => {
      const kit = await aKitWithGroups({ 'resources/read': table({ both: ['a'] }) });
      source(kit).crash();
      await kit.clock.advance(0);
      expect(learned(kit).map((change) => 'table' in change)).toEqual([true, false, true]);
    });

    it('listens for both in one request of 2026', async () => {
      const kit = await aKitWithGroups({ 'resources/read': table({}) }, '2026');
      const [child] = kit.children;
      expect(child!.pending[0]).toMatchObject({ params: { notifications: { resourceSubscriptions: [CHANGES, GROUPS] } } });
      acknowledge(child!, [CHANGES, GROUPS]);
      await kit.clock.advance(0);
      expect(learned(kit)).toHaveLength(1);
    });
  });
});
