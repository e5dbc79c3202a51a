import { AREAS, DEVICES, ENTITIES } from '../../src/home-assistant-server/demo/entities.js';
import { eventually } from '../support/eventually.js';
import { processesMarked } from '../support/processes.js';
import { RealHousehold } from './real-household.js';

const LAMP = 'light.salon_lamp';
const THERMOMETER = 'sensor.temperature_salon';
const SEEN_WITHIN_MS = 500;
const HEALED_WITHIN_MS = 20_000;
const MINUTE_MS = 60_000;

describe('A real Home Assistant, read through the bridge', () => {
  let home: RealHousehold;

  beforeAll(async () => (home = await RealHousehold.open()), MINUTE_MS);
  afterAll(() => home.close());

  const entities = (filter: object) => home.tool('get_entities', filter);
  const isCached = async (filter: object) => (await entities(filter)).body.bridge_info.cached as boolean;

  it("answers a newcomer's three calls, and nothing in it is called a demo", async () => {
    const all = await entities({ domain: 'all' });
    const lit = await home.service('light.turn_on', LAMP, { brightness: 180 });
    const warmth = await home.tool('get_entity_state', { entity_id: THERMOMETER });
    const { home_assistant: status } = (await home.bridge.get('/mcp/status')).body;

    expect(all.body.structuredContent.total).toBe((await home.direct.ask('get_states')).length);
    expect(lit.body.content[0].text).toMatch(/^Service light\.turn_on appelé avec succès\.\nRéponse: \[/);
    expect(warmth.body.structuredContent).toMatchObject({ state: '21.5', attributes: { friendly_name: 'Température Salon' } });
    expect(status).toMatchObject({ status: 'connected', version: process.env.HA_TEST_VERSION });
    expect(JSON.stringify([all.body, lit.body, warmth.body, status])).not.toMatch(/demo/i);
  });

  it('is the house of the demo: the same entities under the same names in the same rooms', async () => {
    for (const { area_id: area, name } of AREAS) {
      const { structuredContent } = (await entities({ area: name, limit: 500 })).body;
      const wanted = ENTITIES.filter((entity) => (entity.area ?? DEVICES.find(({ id }) => id === entity.device)?.area_id) === area);
      expect(structuredContent.entities.map(({ entity_id: id, friendly_name: known }: any) => [id, known])).toEqual(
        wanted.map(({ id, name: known }) => [id, known]).sort(),
      );
    }
    const all = (await home.direct.ask('get_states')).map(({ entity_id: id }: any) => id);
    expect(all).toEqual(expect.arrayContaining(ENTITIES.map(({ id }) => id)));
  });

  it.each([
    [{ domain: 'light' }, 'Trouvé 5 entités:'],
    [{ domain: 'light', search: 'etagere' }, 'Trouvé 1 entités:'],
    [{ domain: 'light,switch', search: 'Étagère' }, 'Trouvé 1 entités:'],
    [{ area: 'Entrée' }, 'Trouvé 1 entités:'],
    [{ area: 'entree', domain: '' }, 'Trouvé 1 entités:'],
  ])('counts %j', async (filter, text) => {
    expect((await entities(filter)).body.content[0].text).toMatch(new RegExp(`^${text}`));
  });

  it('shows a write to every reader at once, through whichever child, never the cached state', async () => {
    for (const state of ['on', 'off', 'on']) {
      await home.service(`light.turn_${state}`, LAMP);
      expect(await Promise.all(Array.from({ length: 8 }, () => home.stateOf(LAMP)))).toEqual(Array(8).fill(state));
      expect(await home.stateOf(LAMP, { 'X-Cache-Control': 'no-cache' })).toBe(state);
    }
  });

  it('sees what somebody else changed in the house long before the cache would have aged', async () => {
    const wanted = (await home.stateOf('switch.tv')) === 'on' ? 'off' : 'on';
    await home.direct.call('switch.toggle', { entity_id: 'switch.tv' });
    await eventually(
      () => home.stateOf('switch.tv'),
      (state) => state === wanted,
      SEEN_WITHIN_MS,
    );
  });

  it(
    'takes nothing of its cache for fresh when the children that told of changes have died',
    async () => {
      const plugs = async () => (await entities({ domain: 'switch' })).body;
      const stateIn = ({ structuredContent: { entities: found } }: any) => found.find(({ entity_id: id }: any) => id === 'switch.tv').state;
      const wanted = stateIn(await plugs()) === 'on' ? 'off' : 'on';
      const children = processesMarked(`HASS_URL=${home.front.url}`);
      for (const pid of children) process.kill(pid, 'SIGKILL');
      await home.direct.call('switch.toggle', { entity_id: 'switch.tv' });
      expect(children.length).toBeGreaterThan(0);
      // long before the answer would have aged
      await eventually(plugs, (body) => body.bridge_info.stale !== true && stateIn(body) === wanted, HEALED_WITHIN_MS);
      await eventually(() => isCached({ domain: 'switch' }), Boolean, HEALED_WITHIN_MS);
    },
    MINUTE_MS,
  );

  it("keeps the cached sensors when a light changes, and drops the lights'", async () => {
    await eventually(() => isCached({ domain: 'sensor' }));
    await eventually(() => isCached({ domain: 'light' }));
    await home.direct.call('light.toggle', { entity_id: 'light.chambre' });
    await eventually(async () => !(await isCached({ domain: 'light' })));
    expect(await isCached({ domain: 'sensor' })).toBe(true);
  });

  it('gives the history of 48 hours, the ids restored, in the order of time', async () => {
    await home.service('switch.turn_off', 'switch.imprimante_3d');
    await home.service('switch.turn_on', 'switch.imprimante_3d');
    const ids = 'switch.imprimante_3d,sensor.puissance_imprimante_3d';
    const history = async () => (await home.tool('get_history', { entity_id: ids, hours: 48 })).body.structuredContent;
    const { states, hours, start, end } = await eventually(history, ({ states: rows }) => rows.at(-1)?.state === '120');
    expect([hours, Date.parse(end) - Date.parse(start)]).toEqual([48, 48 * 3_600_000]);
    expect(new Set(states.map(({ entity_id: id }: any) => id))).toEqual(new Set(ids.split(',')));
    const times = states.map(({ last_changed: at }: any) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('gives an empty history where there is none', async () => {
    const { body } = await home.tool('get_history', { entity_id: 'scene.nuit', hours: 1, end: '2020-01-01T00:00:00Z' });
    expect(body.structuredContent).toMatchObject({ count: 0, states: [] });
  });
});
