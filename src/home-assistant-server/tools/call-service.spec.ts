import { callTool, DemoHome } from '../../../test/support/demo-home.js';
import { RudeHouse } from '../../../test/support/rude-house.js';
import { HomeAssistant } from '../home-assistant.js';

describe('call_service', () => {
  let home: DemoHome;
  let house: HomeAssistant;

  beforeEach(async () => {
    home = await DemoHome.open();
    house = home.client();
  });
  afterEach(() => home.close());

  const call = (given: object) => callTool(house, 'call_service', given);
  const lamp = () => home.demo.house.get('light.salon_lamp');

  it('lights a lamp and tells what changed, the group that shows it too', async () => {
    const { content, structuredContent } = await call({
      domain: 'light',
      service: 'turn_on',
      entity_id: 'light.salon_lamp',
      data: { brightness: 180 },
    });

    expect(content[0]?.text).toMatch(/^Service light\.turn_on appelé avec succès\.\nRéponse: \[/);
    expect(structuredContent).toMatchObject({
      service: 'light.turn_on',
      targets: { entity_id: ['light.salon_lamp'] },
      changed: [
        { entity_id: 'light.salon_lamp', state: 'on' },
        { entity_id: 'light.salon', state: 'on' },
      ],
      context_id: lamp()?.context.id,
    });
    expect(lamp()?.attributes.brightness).toBe(180);
  });

  it.each([
    ['capitals and spaces', { domain: ' Light ', service: 'TURN_ON', entity_id: ' Light.Salon_Lamp ', data: { brightness: 180 } }],
    ['numbers as text', { domain: 'light', service: 'turn_on', entity_id: 'light.salon_lamp', data: { brightness: '180' } }],
    ['data as JSON text', { domain: 'light', service: 'turn_on', entity_id: 'light.salon_lamp', data: '{"brightness": 180}' }],
    ['the whole name as service', { domain: 'light', service: 'light.turn_on', entity_id: 'light.salon_lamp', data: { brightness: 180 } }],
    ['the target inside data', { domain: 'light', service: 'turn_on', data: { entity_id: 'light.salon_lamp', brightness: 180 } }],
    ['an area by its name', { domain: 'light', service: 'turn_on', data: { area_id: 'Salon', brightness: 180 } }],
  ])('understands %s', async (_, given) => {
    await call(given);

    expect(lamp()).toMatchObject({ state: 'on', attributes: { brightness: 180 } });
  });

  it('lets the outer target win and warns of the inner one', async () => {
    const { content } = await call({
      domain: 'light',
      service: 'turn_on',
      entity_id: 'light.salon_lamp',
      data: { entity_id: 'light.chambre' },
    });

    expect(content[1]?.text).toContain('light.chambre');
    expect(home.demo.house.get('light.chambre')?.state).toBe('off');
  });

  it('reports every member of a scene and the scene itself', async () => {
    const { structuredContent } = await call({ domain: 'scene', service: 'turn_on', entity_id: 'scene.cinema' });

    const changed = (structuredContent?.changed as { entity_id: string }[]).map(({ entity_id: id }) => id);
    expect(changed).toEqual(expect.arrayContaining(['light.salon_etagere', 'light.salon', 'scene.cinema']));
  });

  it.each(['light.salon_lamp,light.chambre,light.nonsense', 'Lampe Salon', 'light.nonsense'])(
    'sends nothing when one id of %s is unknown',
    async (ids) => {
      let changes = 0;
      home.demo.house.onChange(() => changes++);

      await expect(call({ domain: 'light', service: 'turn_on', entity_id: ids })).rejects.toMatchObject({ code: 'entity_not_found' });
      expect(changes).toBe(0);
    },
  );

  it('names the lamp that a friendly name may have meant', async () => {
    const asked = call({ domain: 'light', service: 'turn_on', entity_id: 'Lampe Salon' });

    await expect(asked).rejects.toThrow('light.salon_lamp');
  });

  it.each([
    ['an unknown area', { data: { area_id: 'grenier' } }, 'entity_not_found'],
    ['an unknown label', { data: { label_id: 'x' } }, 'entity_not_found'],
    ['an unknown service', { service: 'explode' }, 'service_not_found'],
  ])('refuses %s before sending', async (_, given, code) => {
    await expect(call({ domain: 'light', service: 'turn_on', ...given })).rejects.toMatchObject({ code });
  });

  it('keeps the words of Home Assistant when the data is wrong', async () => {
    const asked = call({ domain: 'light', service: 'turn_on', entity_id: 'light.cuisine', data: { foo: 1 } });

    await expect(asked).rejects.toMatchObject({ code: 'invalid_format', message: "extra keys not allowed @ data['foo']" });
  });

  it('warns of an unavailable target and succeeds', async () => {
    const context = { id: 'x', parent_id: null, user_id: null };
    home.demo.house.set('switch.cuisine', { state: 'unavailable' }, context);

    const { content, structuredContent } = await call({ domain: 'switch', service: 'turn_on', entity_id: 'switch.cuisine' });

    expect(content[1]?.text).toContain('switch.cuisine');
    expect(structuredContent?.changed).toEqual([]);
  });

  it('tells of an entity that followed only after the result', async () => {
    let feed: unknown;
    let isAnswered = false;
    const rude = new RudeHouse(({ id, type }, socket) => {
      if (type === 'subscribe_entities') feed = id;
      const follows = { 'light.a': { '+': { s: 'off', lc: 2, c: 'c' } } };
      if (type === 'ping' && isAnswered) socket.send(JSON.stringify({ id: feed, type: 'event', event: { c: follows } }));
      isAnswered ||= type === 'call_service';
      return 'answer';
    });
    const follower = new HomeAssistant({
      house: { url: await rude.listen(), token: 'good' },
      timeoutMs: 5000,
      maxResultBytes: 1_000_000,
    });

    const { structuredContent } = await callTool(follower, 'call_service', { domain: 'light', service: 'turn_on', entity_id: 'light.a' });

    expect(structuredContent?.changed).toEqual([expect.objectContaining({ entity_id: 'light.a', state: 'off' })]);
    await follower.connection.stop(0);
    rude.close();
  });

  it('finishes a write that was sent although its caller has left', async () => {
    const slow = await DemoHome.open({ delayMs: 300 });
    const client = slow.client();
    await client.states(AbortSignal.timeout(5000));
    await client.services.all(AbortSignal.timeout(5000));
    const fields = { domain: 'light', service: 'turn_on', service_data: {}, target: { entity_id: 'light.chambre' } };

    await expect(client.connection.write('call_service', fields, AbortSignal.timeout(50))).resolves.toMatchObject({ context: {} });
    expect(slow.demo.house.get('light.chambre')?.state).toBe('on');
    await slow.close();
  });
});
