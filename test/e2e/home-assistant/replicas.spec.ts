import { Household, UPSTREAM } from '../../support/a-household.js';
import { eventually } from '../../support/eventually.js';
import { FakeHomeAssistant } from '../../support/fake-home-assistant.js';
import { overlaps } from '../../support/house-front/journal.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../../support/redis-server.js';

const LAMP = 'light.salon_lamp';
const SHELF = 'light.salon_etagere';
const CHILDREN = 2;
const MINUTE_MS = 60_000;
const SLOW = { as: 'slow', ms: 40 } as const;
const context = { id: 'somebody at the switch', parent_id: null, user_id: null };

describe('Two replicas before one house', () => {
  let redis: RedisServer;
  let house: FakeHomeAssistant;
  let one: Household;
  let two: Household;

  beforeAll(async () => {
    redis = await aRedisServer();
    house = await FakeHomeAssistant.open();
    const settings = { redis: { url: redis.url, prefix: freshPrefix() } };
    const open = () => Household.open({ house, children: CHILDREN, settings, impatient: true });
    [one, two] = await Promise.all([open(), open()]);
    await eventually(() => house.openSockets === 2 * CHILDREN, Boolean, MINUTE_MS);
    for (const { bridge } of [one, two]) {
      await eventually(async () => (await bridge.get('/health/ready')).status === 200, Boolean, MINUTE_MS);
    }
    for (const replica of [one, two]) await replica.knowsGroups();
  }, 2 * MINUTE_MS);
  beforeEach(() => {
    house.calm();
    house.journal.clear();
  });
  afterAll(async () => {
    await Promise.all([one.bridge.close(), two.bridge.close()]);
    await house.close();
    await redis.close();
  }, MINUTE_MS);

  const services = () => house.journal.services();
  const replica = (index: number) => (index % 2 === 0 ? one : two);
  const area = (home: Household, name: string) =>
    home.tool('call_service', { domain: 'light', service: 'turn_on', data: { area_id: name } });
  const isCached = async (home: Household, entity: string) =>
    (await home.tool('get_entity_state', { entity_id: entity })).body.bridge_info.cached as boolean;

  it('make twenty changes of twenty toggles that were sent to both at once, none overlapping', async () => {
    house.faults.always('call_service', { as: 'slow', ms: 5 });
    const before = house.demo.house.get(LAMP)?.state;
    const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => replica(index).service(LAMP, 'toggle')));
    expect(replies.map(({ status, body }) => [status, body.isError])).toEqual(Array(20).fill([200, false]));
    expect(services()).toHaveLength(20);
    expect(overlaps(services())).toEqual([]);
    expect(house.demo.house.get(LAMP)?.state).toBe(before);
  });

  it.each([
    ['a scene on one and its lamp on the other', () => [one.service('scene.cinema', 'turn_on'), two.service(LAMP, 'turn_on')]],
    ['a group on one and its member on the other', () => [one.service('light.salon', 'turn_on'), two.service(SHELF, 'turn_off')]],
    ['an area on one and a lamp in it on the other', () => [area(one, 'Salon'), two.service(LAMP, 'turn_off')]],
    ['two scenes of the same lamp', () => [one.service('scene.cinema', 'turn_on'), two.service('scene.nuit', 'turn_on')]],
  ])('let %s follow one another', async (_what, send) => {
    house.faults.always('call_service', SLOW);
    const replies = await Promise.all(send());
    expect(replies.map(({ status, body }) => [status, body.isError])).toEqual(Array(2).fill([200, false]));
    expect(services()).toHaveLength(2);
    expect(overlaps(services())).toEqual([]);
  });

  it('let two other lamps be switched at the same time', async () => {
    house.faults.always('call_service', { as: 'late' });
    const both = Promise.all([one.service(LAMP, 'turn_on'), two.service('light.chambre', 'turn_on')]);
    await eventually(() => house.keptBackCount === 2);
    house.release();
    expect((await both).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('read on one what a scene, a group or an area changed by the other, although it was cached', async () => {
    for (const [write, state] of [
      [() => one.service('scene.nuit', 'turn_on'), 'off'],
      [() => two.service('light.salon', 'turn_on'), 'on'],
      [() => one.service('light.salon', 'turn_off'), 'off'],
      [() => area(two, 'Salon'), 'on'],
    ] as const) {
      await Promise.all([one.stateOf(SHELF), two.stateOf(SHELF)]);
      expect((await write()).status).toBe(200);
      expect(await Promise.all([one.stateOf(SHELF), two.stateOf(SHELF)])).toEqual([state, state]);
    }
  });

  it('hear both of a change that was made in the house, within moments', async () => {
    await one.service('switch.tv', 'turn_off');
    await Promise.all([one, two].map((home) => eventually(() => isCached(home, 'switch.tv'))));
    house.demo.house.set('switch.tv', { state: 'on' }, context);
    for (const home of [one, two]) {
      await eventually(
        () => home.stateOf('switch.tv'),
        (state) => state === 'on',
      );
    }
  });

  it('lock both for a scene that is new in the house', async () => {
    house.demo.house.set('scene.reveil', { state: 'unknown', attributes: { entity_id: ['light.chambre'] } }, context);
    for (const home of [one, two]) {
      const locks = () => home.locksOf('scene', 'turn_on', 'scene.reveil');
      await eventually(() => !locks().includes(UPSTREAM));
      expect(locks()).toContain(`${UPSTREAM}/light/light.chambre`);
    }
  });

  it('make one automation of a request id that reaches both', async () => {
    const create = (home: Household) =>
      home.tool(
        'create_automation',
        { alias: 'Réveil', trigger: [{ platform: 'state', entity_id: LAMP }], action: [{ service: 'light.turn_off' }] },
        { 'X-Request-ID': 'wake-us' },
      );
    const replies = await Promise.all([create(one), create(two), create(one)]);
    expect(new Set(replies.map(({ status, body }) => [status, body.structuredContent.id].join())).size).toBe(1);
    expect(house.journal.of('POST /api/config/automation')).toHaveLength(1);
  });
});
