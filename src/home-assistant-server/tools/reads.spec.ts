import { callTool, DemoHome } from '../../../test/support/demo-home.js';
import { newContext } from '../demo/state.js';
import type { HomeAssistant } from '../home-assistant.js';

describe('the tools that read', () => {
  let home: DemoHome;
  let house: HomeAssistant;

  beforeEach(async () => {
    home = await DemoHome.open();
    house = home.client();
  });
  afterEach(() => home.close());

  const entities = async (given: object) =>
    (await callTool(house, 'get_entities', given)).structuredContent as {
      total: number;
      entities: { entity_id: string }[];
      next_offset?: number;
    };

  it.each([{ domain: 'all' }, { domain: '' }, { domain: 'toutes' }, { domain: '*' }, {}, { domain: null }])(
    'lists the whole house for %j',
    async (given) => {
      expect((await entities(given)).total).toBe(23);
    },
  );

  it('says how many lights there are, before the JSON that the text ends with', async () => {
    const { content, structuredContent } = await callTool(house, 'get_entities', { domain: 'light' });

    const [prefix, json] = content[0]?.text.split('\n\n') ?? [];
    expect(prefix).toBe('Trouvé 5 entités:');
    expect(JSON.parse(json ?? '')).toEqual(structuredContent);
  });

  it.each([
    [{ domain: 'light, switch' }, 9],
    [{ search: 'Étagère' }, 1],
    [{ search: 'etagere' }, 1],
    [{ area: 'entrée' }, 1],
    [{ area: 'chambre' }, 3],
    [{ domain: 'light', area: 'Salon', search: 'lampe' }, 1],
  ])('filters by %j', async (given, total) => {
    expect((await entities(given)).total).toBe(total);
  });

  it('leads through the pages to every entity exactly once', async () => {
    const seen: string[] = [];
    let offset: number | undefined = 0;
    while (offset !== undefined) {
      const page = await entities({ limit: '10', offset });
      seen.push(...page.entities.map(({ entity_id: id }) => id));
      offset = page.next_offset;
    }

    expect(seen).toHaveLength(23);
    expect(new Set(seen).size).toBe(23);
  });

  it('cuts a page of 5,000 entities below the cap and still reaches all of them', async () => {
    const context = newContext(null);
    for (let index = 0; index < 5000; index++)
      home.demo.house.set(`sensor.g${index}`, { state: '1', attributes: { friendly_name: `Généré ${index}` } }, context);
    const narrow = home.client({ maxResultBytes: 20_000 });
    const result = await callTool(narrow, 'get_entities', { limit: 500 });

    const { returned, next_offset: next, total } = result.structuredContent as { returned: number; next_offset: number; total: number };
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(25_000);
    expect(total).toBe(5023);
    expect(next).toBe(returned);
    expect(returned).toBeGreaterThan(10);
  });

  it('shows the state of one entity as Home Assistant writes it', async () => {
    const { content, structuredContent } = await callTool(house, 'get_entity_state', { entity_id: ' Sensor.Temperature_Salon' });

    expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent);
    expect(structuredContent).toMatchObject({
      state: '21.5',
      attributes: { unit_of_measurement: '°C', demo: true },
      last_changed: expect.stringMatching(/\+00:00$/),
    });
  });

  it('refuses a state that is larger than the cap and says how to narrow', async () => {
    home.demo.house.set('sensor.big', { state: '1', attributes: { blob: 'x'.repeat(30_000) } }, newContext(null));

    const asked = callTool(home.client({ maxResultBytes: 20_000 }), 'get_entity_state', { entity_id: 'sensor.big' });
    await expect(asked).rejects.toMatchObject({ code: 'result_too_large' });
  });

  it('reads through one client at once what another has written', async () => {
    const other = home.client();
    await callTool(other, 'get_entities', {});

    for (let round = 0; round < 50; round++) {
      await callTool(house, 'call_service', { domain: 'light', service: 'toggle', entity_id: 'light.chambre' });
      const { structuredContent } = await callTool(other, 'get_entity_state', { entity_id: 'light.chambre' });
      expect(structuredContent?.state).toBe(home.demo.house.get('light.chambre')?.state);
    }
  });

  it('lists services by domain, and their fields for one that is named', async () => {
    const names = (await callTool(house, 'get_services', {})).structuredContent;
    const fields = (await callTool(house, 'get_services', { domain: 'cover', detail: 'fields' })).structuredContent;

    expect(names).toMatchObject({ services: { light: ['toggle', 'turn_off', 'turn_on'] }, total: expect.any(Number) });
    expect(fields).toMatchObject({ services: { cover: { set_cover_position: { fields: { position: { required: true } } } } } });
    await expect(callTool(house, 'get_services', { detail: 'fields' })).rejects.toMatchObject({ code: -32602 });
  });
});

describe('get_history', () => {
  let home: DemoHome;

  beforeEach(async () => (home = await DemoHome.open()));
  afterEach(() => home.close());

  const history = async (given: object) => {
    const { content, structuredContent } = await callTool(home.client(), 'get_history', given);
    return {
      text: content[0]?.text,
      ...(structuredContent as {
        hours: number;
        start: string;
        end: string;
        count: number;
        truncated: boolean;
        states: { entity_id: string; state: string; last_changed: string }[];
      }),
    };
  };

  it('asks for as many hours as it was told, and names the entity in every row', async () => {
    const { text, start, end, states } = await history({ entity_id: 'sensor.temperature_salon', hours: '48' });

    expect(text).toMatch(/^Historique de sensor\.temperature_salon \(48h\):\n\n\[/);
    expect(Date.parse(end) - Date.parse(start)).toBe(48 * 3_600_000);
    expect(states.length).toBeGreaterThan(10);
    expect(states.every((row) => row.entity_id === 'sensor.temperature_salon' && row.last_changed !== '')).toBe(true);
  });

  it('reaches back two days, not only the one that Home Assistant takes for granted', async () => {
    const before = await history({ entity_id: 'sensor.temperature_salon', hours: 48, limit: 5000 });

    expect(Date.parse(before.states.at(-1)?.last_changed ?? '')).toBeGreaterThan(Date.now() - 12 * 3_600_000);
  });

  it('merges equal neighbours and keeps the newest rows in the order of time', async () => {
    for (const value of ['1', '2', '2', '3'])
      home.demo.house.set('sensor.puissance_imprimante_3d', { state: value, attributes: { at: Math.random() } }, newContext(null));

    const { states, truncated } = await history({ entity_id: 'sensor.puissance_imprimante_3d', limit: 2 });
    expect(states.map(({ state }) => state)).toEqual(['2', '3']);
    expect(truncated).toBe(true);
  });

  it('takes several entities separated by commas', async () => {
    const { states } = await history({ entity_id: 'sensor.temperature_salon, Sensor.Humidite_Salon' });

    expect(new Set(states.map((row) => row.entity_id))).toEqual(new Set(['sensor.temperature_salon', 'sensor.humidite_salon']));
  });

  it('answers an empty list for a time of which nothing is known', async () => {
    expect((await history({ entity_id: 'light.cuisine', hours: 1, end: '2020-01-01T00:00:00+01:00' })).states).toEqual([]);
  });

  it('knows nothing of an entity that does not exist', async () => {
    await expect(history({ entity_id: 'sensor.nonsense' })).rejects.toMatchObject({ code: 'entity_not_found' });
  });
});
