import type { JsonObject } from '../../../src/call/json.js';
import { Household, UPSTREAM } from '../../support/a-household.js';
import { eventually } from '../../support/eventually.js';
import { FakeHomeAssistant } from '../../support/fake-home-assistant.js';
import { overlaps } from '../../support/house-front/journal.js';

const LAMP = 'light.salon_lamp';
const SHELF = 'light.salon_etagere';
const MINUTE_MS = 60_000;
const SLOW = { as: 'slow', ms: 40 } as const;

describe('One write at a time for each thing of the house', () => {
  let home: Household;
  const services = () => home.house.journal.services();

  beforeAll(async () => (home = await Household.open()), MINUTE_MS);
  beforeEach(() => {
    home.house.calm();
    home.house.journal.clear();
  });
  afterAll(() => home.close());

  it(
    'leaves exactly twenty entries of twenty toggles from four children, none overlapping, in the order of arrival',
    async () => {
      home.house.faults.always('call_service', { as: 'slow', ms: 5 });
      const before = home.house.demo.house.get(LAMP)?.state;
      const others = ['light.chambre', 'switch.tv', 'switch.cuisine']; // so that every child is at work
      const rest = Promise.all(others.flatMap((entity) => Array.from({ length: 20 }, () => home.service(entity, 'toggle'))));
      const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => home.service(LAMP, 'toggle', { brightness: index + 1 })));
      await rest;
      const toggles = home.house.journal.services(LAMP);
      expect(replies.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(toggles).toHaveLength(20);
      expect(overlaps(toggles)).toEqual([]);
      expect(new Set(services().map(({ connection }) => connection)).size).toBe(4);
      expect(toggles.map(({ data }) => data.brightness)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      expect(home.house.demo.house.get(LAMP)?.state).toBe(before);
    },
    MINUTE_MS,
  );

  it.each([
    [' Light.Salon_Lamp ', LAMP],
    [`${LAMP},${SHELF}`, [SHELF, LAMP]],
    [{ data: JSON.stringify({ entity_id: LAMP }) }, LAMP],
  ])('takes the same locks for %j and %j', async (a, b) => {
    home.house.faults.always('call_service', SLOW);
    const toggle = (target: unknown) => {
      const aim = typeof target === 'object' && !Array.isArray(target) ? target : { entity_id: target };
      return home.tool('call_service', { domain: 'light', service: 'toggle', ...aim });
    };
    await Promise.all([toggle(a), toggle(b), toggle(a), toggle(b)]);
    expect(services()).toHaveLength(4);
    expect(overlaps(services())).toEqual([]);
  });

  it.each([
    ['a scene and its lamp', () => home.service('scene.cinema', 'turn_on'), () => home.service(LAMP, 'turn_on')],
    [
      'a scene and another scene of the same lamp',
      () => home.service('scene.cinema', 'turn_on'),
      () => home.service('scene.nuit', 'turn_on'),
    ],
    ['a group and its member', () => home.service('light.salon', 'turn_on'), () => home.service(SHELF, 'turn_on')],
    ['an area and a lamp in it', () => area('light', 'Salon'), () => home.service(LAMP, 'turn_off')],
    [
      'an area by its name with an accent and a door in it',
      () => area('cover', 'exterieur'),
      () => home.service('cover.garage', 'stop_cover'),
    ],
    ['a device and its plug', () => device('imprimante_3d'), () => home.service('switch.imprimante_3d', 'turn_on')],
    [
      'no target and any lamp',
      () => home.tool('call_service', { domain: 'light', service: 'turn_off', data: { entity_id: 'all' } }),
      () => home.service(LAMP, 'turn_on'),
    ],
    ['what a scene is made of and one of it', () => applied({ [LAMP]: 'on' }), () => home.service(LAMP, 'turn_on')],
    ['an automation by its short id and by its configuration id', () => automation('coupure'), () => automation('coupure_imprimante_3d')],
  ])('lets %s follow one another', async (_what, first, second) => {
    home.house.faults.always('call_service', SLOW);
    const replies = await Promise.all([first(), second()]);
    expect(replies.map(({ status, body }) => [status, body.isError])).toEqual(Array(2).fill([200, false]));
    expect(services()).toHaveLength(2);
    expect(overlaps(services())).toEqual([]);
  });

  it.each([
    ['two other lamps', () => home.service(LAMP, 'turn_on'), () => home.service('light.chambre', 'turn_on')],
    ['a lamp and a plug of one room', () => home.service(LAMP, 'turn_on'), () => home.service('switch.tv', 'turn_on')],
    [
      'a notification and everything',
      () => notification(),
      () => home.tool('call_service', { domain: 'homeassistant', service: 'turn_off', data: { entity_id: 'all' } }),
    ],
    [
      'one script and a lamp that it may touch, which nobody knows',
      () => home.tool('call_service', { domain: 'script', service: 'turn_off', entity_id: 'script.soiree' }),
      () => home.service(LAMP, 'turn_on'),
    ],
  ])('lets %s run at the same time', async (_what, first, second) => {
    home.house.faults.always('call_service', { as: 'late' });
    const both = Promise.all([first(), second()]);
    await eventually(() => home.house.keptBackCount === 2);
    home.house.release();
    await both;
  });

  it('lets a light in an area that nobody knows wait for every light, and send nothing', async () => {
    home.house.faults.always('call_service', { as: 'late' });
    const lamp = home.service('light.chambre', 'turn_on');
    await eventually(() => home.house.keptBackCount === 1);
    const lost = area('light', 'grenier');
    const other = home.service('switch.tv', 'turn_on');
    await eventually(() => home.house.keptBackCount === 2);
    home.house.release();
    const { status, body } = await lost;
    expect([status, body.isError, body._meta['hass/error']]).toEqual([200, true, 'entity_not_found']);
    await Promise.all([lamp, other]);
    expect(services().map(({ targets }) => targets)).toEqual([['light.chambre'], ['switch.tv']]);
  });

  it('knows labels and floors where the house has them', async () => {
    const { house } = home;
    const floored = (areas: unknown) => (areas as object[]).map((area) => ({ ...area, floor_id: 'rez' }));
    house.faults.always('config/floor_registry/list', { as: 'answer', result: [{ floor_id: 'rez', name: 'Rez-de-chaussée' }] });
    house.faults.always('config/area_registry/list', { as: 'edit', edit: floored });
    house.faults.always('config/label_registry/list', { as: 'answer', result: [{ label_id: 'veille', name: 'En veille' }] });
    const labelled = (table: unknown) => ({
      entities: (table as { entities: { ei: string }[] }).entities.map((row) =>
        row.ei === 'switch.tv' ? { ...row, lb: ['veille'] } : row,
      ),
    });
    house.faults.always('config/entity_registry/list_for_display', { as: 'edit', edit: labelled });
    for (const registry of ['floor', 'area', 'label', 'entity']) house.demo.house.fire(`${registry}_registry_updated`, {});
    const aimed = (data: JsonObject) => home.locksOf('switch', 'turn_off', undefined, data);
    await eventually(() => aimed({ label_id: 'En veille' }).join() === `${UPSTREAM}/switch/switch.tv`);
    expect(aimed({ floor_id: 'rez' })).toEqual(expect.arrayContaining([`${UPSTREAM}/switch/switch.tv`, `${UPSTREAM}/light/${LAMP}`]));

    home.house.calm();
    for (const registry of ['floor', 'area', 'label', 'entity']) house.demo.house.fire(`${registry}_registry_updated`, {});
    await eventually(() => aimed({ label_id: 'En veille' }).join() === `${UPSTREAM}/switch`);
  });

  it('learns of a scene that is new in the house, and locks everything for it until then', async () => {
    const context = { id: 'new', parent_id: null, user_id: null };
    home.house.demo.house.set('scene.reveil', { state: 'unknown', attributes: { entity_id: ['light.chambre'] } }, context);
    expect(home.locksOf('scene', 'turn_on', 'scene.reveil')).toContain(UPSTREAM);
    await eventually(() => !home.locksOf('scene', 'turn_on', 'scene.reveil').includes(UPSTREAM));
    expect(home.locksOf('scene', 'turn_on', 'scene.reveil')).toContain(`${UPSTREAM}/light/light.chambre`);
    home.house.demo.house.remove('scene.reveil');
    await eventually(() => home.locksOf('scene', 'turn_on', 'scene.reveil').includes(UPSTREAM));
  });

  const area = (domain: string, name: string) =>
    home.tool('call_service', { domain, service: domain === 'light' ? 'turn_on' : 'close_cover', data: { area_id: name } });
  const device = (id: string) => home.tool('call_service', { domain: 'switch', service: 'turn_off', data: { device_id: id } });
  const applied = (entities: object) => home.tool('call_service', { domain: 'scene', service: 'apply', data: { entities } });
  const automation = (id: string) => home.tool('toggle_automation', { automation_id: id, enable: 'non' });
  const notification = () => home.tool('call_service', { domain: 'notify', service: 'notify', data: { message: 'bonjour' } });
});

describe('With the locks off', () => {
  it(
    'the same twenty toggles overlap',
    async () => {
      const settings = { policy: { [UPSTREAM]: { tools: { call_service: { lock: [] } } } } };
      const home = await Household.open({ settings, impatient: true });
      await home.connected(4);
      home.house.faults.always('call_service', { as: 'slow', ms: 5 });
      await Promise.all(Array.from({ length: 20 }, () => home.service(LAMP, 'toggle')));
      expect(overlaps(home.house.journal.services()).length).toBeGreaterThan(0);
      await home.close();
    },
    MINUTE_MS,
  );
});

describe('Before the groups are known', () => {
  it(
    'a lamp waits for every light, and a scene for everything',
    async () => {
      const house = await FakeHomeAssistant.open();
      house.faults.always('config/area_registry/list', { as: 'hang' });
      const home = await Household.open({ house, impatient: true });
      await home.connected(4);
      expect(home.locksOf('light', 'turn_on', 'light.salon')).toContain(`${UPSTREAM}/light`);
      expect(home.locksOf('scene', 'turn_on', 'scene.cinema')).toContain(UPSTREAM);
      house.faults.always('call_service', { as: 'late' });
      const first = home.service(LAMP, 'turn_on');
      await eventually(() => house.keptBackCount === 1, Boolean, 20_000);
      const [second, third] = [home.service('light.chambre', 'turn_on'), home.service('switch.tv', 'turn_on')];
      await eventually(() => house.keptBackCount === 2);
      expect(house.journal.services('light.chambre')).toEqual([]);
      house.release();
      await eventually(() => house.keptBackCount === 1);
      house.release();
      await Promise.all([first, second, third]);
      await home.close();
    },
    MINUTE_MS,
  );
});
