import { PoolKit, SERVER } from '../../test/support/pool-kit.js';
import type { JsonObject } from '../call/json.js';
import { CatalogKeeper } from './catalog-keeper.js';
import type { Reply } from './reply.js';

const tools = (...list: JsonObject[]): Reply => ({ kind: 'result', result: { tools: list } });
const lamp = {
  name: 'lamp',
  inputSchema: { type: 'object', properties: { to: { oneOf: [{ $ref: '#/$defs/x' }], enum: ['on', 'off'] } }, $defs: { x: {} } },
};
const catalogChanged = { server: SERVER, kind: 'catalog', list: 'tools' };

describe(CatalogKeeper.name, () => {
  it('knows the tools when the first session is ready, word by word', async () => {
    const kit = new PoolKit({ minConnections: 1 });
    kit.replies = { 'tools/list': tools(lamp) };
    const catalog = kit.pool.catalog(SERVER);
    expect(catalog.knows()).toBe(false);

    await kit.begin();

    expect(catalog.knows()).toBe(true);
    expect(JSON.stringify(catalog.find('lamp'))).toBe(JSON.stringify(lamp));
    expect(catalog.find('door')).toBeUndefined();
    expect(kit.changes).toEqual([]);
  });

  it('is stale at once when the server tells of a change, and asks again after 250 ms of quiet', async () => {
    const kit = await new PoolKit({ minConnections: 1 }).begin();
    const [child] = kit.children;
    const catalog = kit.pool.catalog(SERVER);
    const asked = () => child!.asked.filter((method) => method === 'tools/list').length;
    child!.replies = { 'tools/list': tools(lamp) };

    child!.tell('notifications/tools/list_changed');
    expect(catalog.knows()).toBe(false);
    expect(kit.changes).toEqual([catalogChanged]);
    await kit.clock.advance(200);
    child!.tell('notifications/tools/list_changed');
    await kit.clock.advance(249);
    expect(asked()).toBe(1);
    await kit.clock.advance(1);

    expect(asked()).toBe(2);
    expect(JSON.stringify(catalog.find('lamp'))).toBe(JSON.stringify(lamp));
    expect(kit.changes).toEqual([catalogChanged, catalogChanged, catalogChanged]);
    expect(kit.observed).toContain('catalog changed');
  });

  it('asks again later when no session was free to ask', async () => {
    const kit = await new PoolKit({ minConnections: 1, maxInFlight: 1 }).begin();
    const call = await kit.send();
    kit.children[0]!.tell('notifications/tools/list_changed');
    await kit.clock.advance(500);
    expect(kit.pool.catalog(SERVER).knows()).toBe(false);

    await call.answer();
    await kit.clock.advance(1000);

    expect(kit.pool.catalog(SERVER).knows()).toBe(true);
  });

  it('says nothing more when the tools are the same after all', async () => {
    const kit = await new PoolKit({ minConnections: 1 }).begin();

    kit.children[0]!.tell('notifications/tools/list_changed');
    await kit.clock.advance(1000);

    expect(kit.changes).toEqual([catalogChanged]);
    expect(kit.pool.catalog(SERVER).knows()).toBe(true);
  });

  it.each(['resources', 'prompts'])('passes on that the list of %s changed', async (list) => {
    const kit = await new PoolKit({ minConnections: 1 }).begin();

    kit.children[0]!.tell(`notifications/${list}/list_changed`);

    expect(kit.changes).toEqual([{ server: SERVER, kind: 'catalog', list }]);
  });

  it.each(['constructor', 'toString', '__proto__'])('does not take a notification called %s for one of a list', async (method) => {
    const kit = await new PoolKit({ minConnections: 1 }).begin();

    kit.children[0]!.tell(method);

    expect(kit.changes).toEqual([]);
  });

  it('takes a new child with other tools for a server that was restarted', async () => {
    const kit = await new PoolKit({ minConnections: 1 }).begin();
    const before = kit.status.catalogHash;
    await (await kit.send()).answer();

    kit.replies = { 'tools/list': tools(lamp) };
    kit.children[0]!.crash();
    expect(kit.pool.catalog(SERVER).knows()).toBe(false);
    await kit.clock.advance(0);

    expect(kit.changes).toEqual([{ server: SERVER, kind: 'restarted' }, catalogChanged]);
    expect(kit.observed).toContain('oddity catalog_drift');
    expect(kit.status.catalogHash).not.toBe(before);
  });

  it('learns from a list that a caller asked for', async () => {
    const kit = await new PoolKit({ minConnections: 1 }).begin();
    kit.children[0]!.replies = { 'tools/list': tools(lamp) };
    const signal = new AbortController().signal;

    await kit.pool.use(SERVER, { kind: 'read', fingerprint: 'list' }, signal, (session) => session.list('tools/list', signal));

    expect(JSON.stringify(kit.pool.catalog(SERVER).find('lamp'))).toBe(JSON.stringify(lamp));
  });
});
