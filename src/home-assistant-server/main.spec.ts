import { once } from 'node:events';
import { eventually } from '../../test/support/eventually.js';
import { aBareServer, aDemoProgram, aServer, type Child, type DemoProgram, HELLO } from '../../test/support/home-assistant-child.js';

interface Result {
  content: { type: string; text: string }[];
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  _meta?: Record<string, unknown>;
}

async function call({ client }: Child, name: string, given: Record<string, unknown>): Promise<Result> {
  return (await client.callTool({ name, arguments: given })) as unknown as Result;
}

async function health({ client }: Child): Promise<{ status: string; details: Record<string, unknown> }> {
  const { contents } = await client.readResource({ uri: 'hass://health' });
  return JSON.parse((contents[0] as { text: string }).text) as { status: string; details: Record<string, unknown> };
}

describe('the server as a program', () => {
  const children: Child[] = [];
  const houses: DemoProgram[] = [];

  async function aHouse(...args: string[]): Promise<DemoProgram> {
    const house = await aDemoProgram(...args);
    houses.push(house);
    return house;
  }

  async function aChild(environment: Record<string, string> = {}): Promise<Child> {
    const child = await aServer(environment);
    children.push(child);
    return child;
  }

  const at = ({ url, token }: DemoProgram) => ({ HASS_URL: url, HASS_TOKEN: token });

  afterEach(async () => {
    await Promise.all(children.splice(0).map(({ client }) => client.close()));
    await Promise.all(houses.splice(0).map((house) => house.kill()));
  });

  it('lists eight tools in under 8 kB without a house, and leaves with 0 when its input ends', async () => {
    const server = aBareServer({ HASS_URL: 'http://127.0.0.1:1', HASS_TOKEN: 'top-secret' });
    let said = '';
    let complained = '';
    server.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    server.stderr?.on('data', (chunk: Buffer) => (complained += chunk.toString()));
    server.stdin?.write(HELLO.map((message) => `${JSON.stringify(message)}\n`).join(''));
    while (said.split('\n').length < 3) await once(server.stdout ?? server, 'data');

    const [first, second] = said.trim().split('\n') as [string, string];
    expect(JSON.parse(first)).toMatchObject({
      result: { protocolVersion: '2024-11-05', serverInfo: { name: 'homeassistant-mcp-server', version: '1.0.0' } },
    });
    expect((JSON.parse(second) as { result: { tools: object[] } }).result.tools).toHaveLength(8);
    expect(Buffer.byteLength(second)).toBeLessThan(8000);

    server.stdin?.end();
    const [code] = (await once(server, 'exit')) as [number];
    expect(code).toBe(0);
    expect(said + complained).not.toContain('top-secret');
  });

  it('has no prompts, and says of one that is asked for that nobody knows it', async () => {
    const { client } = await aChild();
    expect((await client.listPrompts()).prompts).toEqual([]);
    await expect(client.getPrompt({ name: 'bonsoir' })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('bonsoir'),
    });
  });

  it('leaves with 2 and one line when a variable cannot be read', async () => {
    const server = aBareServer({ HASS_TIMEOUT_MS: 'soon' });
    let complained = '';
    server.stderr?.on('data', (chunk: Buffer) => (complained += chunk.toString()));

    const [code] = (await once(server, 'close')) as [number];
    expect(code).toBe(2);
    expect(complained).toContain('HASS_TIMEOUT_MS');
  });

  it.each([
    [{ HASS_URL: 'http://127.0.0.1:1' }, 'HASS_TOKEN'],
    [{ HASS_TOKEN: 'lonely-secret' }, 'HASS_URL'],
  ])('with %j alone it runs and says what is missing', async (environment, missing) => {
    const child = await aChild(environment);

    const result = await call(child, 'get_entities', {});

    expect(result.content[0]?.text).toMatch(new RegExp(`^Erreur lors de l'exécution de get_entities: .*${missing}`));
    expect(result).not.toHaveProperty('structuredContent');
    expect(result).toMatchObject({
      isError: true,
      _meta: { 'hass/error': 'ha_not_configured', 'bridge/failure': { code: 'ha_not_configured', kind: 'refused', dispatched: false } },
    });
    expect(JSON.stringify(result) + child.stderr()).not.toContain('lonely-secret');
  });

  it("makes the three calls of a newcomer's first minute, every answer marked as a demo", async () => {
    const child = await aChild(at(await aHouse()));

    const all = await call(child, 'get_entities', { domain: 'all' });
    const lit = await call(child, 'call_service', {
      domain: 'light',
      service: 'turn_on',
      entity_id: 'light.salon_lamp',
      data: { brightness: 180 },
    });
    const warmth = await call(child, 'get_entity_state', { entity_id: 'sensor.temperature_salon' });

    expect(all.structuredContent).toMatchObject({ total: 23 });
    expect(lit.content[0]?.text).toContain('Service light.turn_on appelé avec succès.');
    expect(warmth.structuredContent).toMatchObject({ state: '21.5' });
    for (const { _meta: meta } of [all, lit, warmth]) expect(meta).toMatchObject({ 'hass/mode': 'demo' });
    expect(child.client.getServerVersion()).toMatchObject({ title: 'Home Assistant (maison de démonstration)' });
    expect(await health(child)).toMatchObject({
      status: 'ok',
      details: { url: 'demo://maison', mode: 'demo', entities_count: 23, status: 'connected' },
    });
    expect(child.stderr()).toContain('demo house');
  });

  it('shows a lamp as lit through every child at once', async () => {
    const house = await aHouse();
    const [writer, ...readers] = await Promise.all([aChild(at(house)), aChild(at(house)), aChild(at(house))]);

    for (const service of ['turn_on', 'turn_off', 'turn_on']) {
      await call(writer, 'call_service', { domain: 'light', service, entity_id: 'light.chambre' });
      const states = await Promise.all(readers.map((reader) => call(reader, 'get_entity_state', { entity_id: 'light.chambre' })));
      expect(states.map(({ structuredContent }) => structuredContent?.state)).toEqual(readers.map(() => service.replace('turn_', '')));
    }
  });

  it('says ha_unreachable while its house is gone and comes back with it', async () => {
    const house = await aHouse();
    const child = await aChild(at(house));
    await call(child, 'get_entities', {});

    await house.kill();
    houses.length = 0;
    const { client } = child;
    const refused = await client.callTool({ name: 'get_entities', arguments: {}, _meta: { 'bridge/remaining_ms': 300 } });
    expect(refused).toMatchObject({
      isError: true,
      _meta: { 'bridge/failure': { code: 'ha_unreachable', kind: 'unavailable', dispatched: false } },
    });

    await aHouse('--port', new URL(house.url).port, '--token', house.token);
    const back = await call(child, 'get_entities', {});
    expect(back.structuredContent).toMatchObject({ total: 23 });
  });

  it.each([
    ['an unknown tool', 'explode', {}],
    ['a missing argument', 'get_entity_state', {}],
  ])('answers %s with -32602', async (_, name, given) => {
    const child = await aChild(at(await aHouse()));

    await expect(child.client.callTool({ name, arguments: given })).rejects.toMatchObject({
      code: -32602,
      data: { errors: [{ path: expect.any(String), message: expect.any(String) }] },
    });
  });

  it('goes on with a write whose caller has cancelled', async () => {
    const child = await aChild(at(await aHouse()));
    await call(child, 'get_services', {});
    const leaving = new AbortController();
    const data = { demo_delay_ms: 300 };
    const left = child.client.callTool(
      { name: 'call_service', arguments: { domain: 'light', service: 'turn_on', entity_id: 'light.chambre', data } },
      undefined,
      {
        signal: leaving.signal,
      },
    );
    // Two reads later the write is on its way: they went through the same socket.
    await call(child, 'get_entity_state', { entity_id: 'light.chambre' });
    await call(child, 'get_entity_state', { entity_id: 'light.chambre' });
    leaving.abort();
    await expect(left).rejects.toThrow();

    let state: unknown;
    while (state !== 'on') state = (await call(child, 'get_entity_state', { entity_id: 'light.chambre' })).structuredContent?.state;
    expect(state).toBe('on');
  });

  it('announces the ids of what changed to whoever subscribed', async () => {
    const child = await aChild(at(await aHouse()));
    const notices: Record<string, unknown>[] = [];
    child.client.fallbackNotificationHandler = (notice) => {
      notices.push(notice);
      return Promise.resolve();
    };
    await call(child, 'get_entities', {});
    await child.client.subscribeResource({ uri: 'hass://states' });

    await call(child, 'call_service', { domain: 'light', service: 'turn_on', entity_id: 'light.salon_lamp' });

    await eventually(() => notices.length > 0);
    expect(notices[0]).toMatchObject({
      method: 'notifications/resources/updated',
      params: { uri: 'hass://states', _meta: { 'bridge/changed': expect.arrayContaining(['light.salon_lamp']) } },
    });
  });

  it('knows what a group, a scene and an area touch', async () => {
    const child = await aChild(at(await aHouse()));

    const { contents } = await child.client.readResource({ uri: 'hass://lock-groups' });
    const { groups } = JSON.parse((contents[0] as { text: string }).text) as { groups: Record<string, string[]> };

    expect(groups['light.salon']?.sort()).toEqual(['light.salon_etagere', 'light.salon_lamp']);
    expect(groups['scene.cinema']).toEqual(expect.arrayContaining(['light.salon_lamp', 'light.salon_etagere', 'switch.tv']));
    expect(groups['area_id:Salon']).toEqual(groups['area_id:salon']);
    expect(groups['area_id:Entrée']).toEqual(groups['area_id:entree']);
    expect(groups.scene).toEqual(['*']);
    expect(groups['device_id:imprimante_3d']).toEqual(['switch.imprimante_3d', 'sensor.puissance_imprimante_3d']);
    expect(groups['automation.coupure']).toEqual(['automation.coupure_imprimante_3d']);
  });
});
