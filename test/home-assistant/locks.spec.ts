import { eventually } from '../support/eventually.js';
import { overlaps } from '../support/house-front/journal.js';
import { RealHousehold } from './real-household.js';

const LAMP = 'light.salon_lamp';
const SHELF = 'light.salon_etagere';
const TOGGLES = 20;
const MINUTE_MS = 60_000;

describe('One write at a time, on a real Home Assistant', () => {
  let home: RealHousehold;

  beforeAll(async () => (home = await RealHousehold.open()), MINUTE_MS);
  beforeEach(() => {
    home.front.calm();
    home.front.journal.clear();
  });
  afterAll(() => home.close());

  const area = (service: string, name: string) => {
    const [domain, verb] = service.split('.');
    return home.tool('call_service', { domain, service: verb, data: { area_id: name } });
  };

  it(
    'makes twenty changes of twenty toggles sent at once, one after another, and leaves the lamp as it was',
    async () => {
      const before = await home.stateOf(LAMP);
      let replies: Awaited<ReturnType<RealHousehold['service']>>[] = [];
      const states = await home.statesDuring(async () => {
        replies = await Promise.all(Array.from({ length: TOGGLES }, () => home.service('light.toggle', LAMP)));
      });
      expect(replies.map(({ status, body }) => [status, body.isError])).toEqual(Array(TOGGLES).fill([200, false]));
      expect(states[LAMP]).toHaveLength(TOGGLES);
      expect(states[LAMP]!.at(-1)).toBe(before);
      expect(home.front.journal.services(LAMP)).toHaveLength(TOGGLES);
      expect(overlaps(home.front.journal.services(LAMP))).toEqual([]);
    },
    MINUTE_MS,
  );

  it('takes one lock for one lamp, however its id is spelled', async () => {
    const spellings = [LAMP, ' Light.Salon_Lamp ', [LAMP], `${LAMP},${SHELF}`, [SHELF, LAMP]];
    const states = await home.statesDuring(() => Promise.all(spellings.map((entity) => home.service('light.toggle', entity))));
    expect(states[LAMP]).toHaveLength(spellings.length);
    expect(overlaps(home.front.journal.services())).toEqual([]);
  });

  it.each([
    ['a scene and its lamp', () => [home.service('scene.turn_on', 'scene.cinema'), home.service('light.toggle', LAMP)]],
    ['a group and its member', () => [home.service('light.toggle', 'light.salon'), home.service('light.toggle', SHELF)]],
    ['an area and a lamp in it', () => [area('light.toggle', 'Salon'), home.service('light.toggle', LAMP)]],
    ['an area and its group', () => [area('light.toggle', 'salon'), home.service('light.toggle', 'light.salon')]],
  ])('lets %s follow one another', async (_, send) => {
    const replies = await Promise.all(send());
    expect(replies.map(({ status, body }) => [status, body.isError])).toEqual(Array(2).fill([200, false]));
    expect(home.front.journal.services()).toHaveLength(2);
    expect(overlaps(home.front.journal.services())).toEqual([]);
  });

  it('lets two lamps, a plug and a notification run at the same time', async () => {
    home.front.faults.always('call_service', { as: 'late' });
    const note = { domain: 'persistent_notification', service: 'create', data: { message: 'bonjour' } };
    const all = Promise.all([
      home.service('light.toggle', LAMP),
      home.service('light.toggle', 'light.chambre'),
      home.service('switch.toggle', 'switch.tv'),
      home.tool('call_service', note),
    ]);
    await eventually(() => home.front.keptBackCount === 4);
    home.front.release();
    expect((await all).map(({ body }) => body.isError)).toEqual(Array(4).fill(false));
  });

  it('lets a light in an area that nobody knows wait for every light, and sends nothing', async () => {
    home.front.faults.always('call_service', { as: 'late' });
    const lamp = home.service('light.toggle', 'light.chambre');
    await eventually(() => home.front.keptBackCount === 1);
    const lost = area('light.turn_on', 'grenier');
    const plug = home.service('switch.toggle', 'switch.tv');
    await eventually(() => home.front.keptBackCount === 2);
    home.front.release();
    expect((await lost).body).toMatchObject({ isError: true, _meta: { 'hass/error': 'entity_not_found' } });
    await Promise.all([lamp, plug]);
    expect(home.front.journal.services()).toHaveLength(2);
  });
});

describe('With the locks off, on a real Home Assistant', () => {
  it(
    'twenty toggles sent at once are answered with success and make fewer changes',
    async () => {
      const settings = { policy: { 'home-assistant': { tools: { call_service: { lock: [] } } } } };
      const home = await RealHousehold.open({ settings, groupsKnown: false });
      let replies: Awaited<ReturnType<RealHousehold['service']>>[] = [];
      const states = await home.statesDuring(async () => {
        replies = await Promise.all(Array.from({ length: TOGGLES }, () => home.service('light.toggle', LAMP)));
      });
      await home.close();
      expect(replies.map(({ status, body }) => [status, body.isError])).toEqual(Array(TOGGLES).fill([200, false]));
      expect(states[LAMP]!.length).toBeLessThan(TOGGLES);
      expect(overlaps(home.front.journal.services(LAMP)).length).toBeGreaterThan(0);
    },
    MINUTE_MS,
  );
});
