import { AnswerCache } from '../../../src/cache/answer-cache.js';
import { Household } from '../../support/a-household.js';
import { eventually } from '../../support/eventually.js';
import { processesMarked } from '../../support/processes.js';

const LAMP = 'light.salon_lamp';
const MINUTE_MS = 60_000;
const context = { id: 'somebody at the switch', parent_id: null, user_id: null };

describe('What a read shows', () => {
  let home: Household;

  beforeAll(async () => (home = await Household.open({ children: 3, env: { HASS_TEST_MARK: 'freshness' } })), MINUTE_MS);
  beforeEach(() => home.house.calm());
  afterAll(() => home.close());

  const press = (entity: string, state: string) => home.house.demo.house.set(entity, { state }, context);
  const isCached = async (entity: string) =>
    (await home.tool('get_entity_state', { entity_id: entity })).body.bridge_info.cached as boolean;
  const cacheUntilFresh = (entity: string) => eventually(() => isCached(entity));

  it('is the state after a write, through any child, never the cached one', async () => {
    for (const state of ['on', 'off', 'on', 'off']) {
      await home.stateOf(LAMP);
      await home.service(LAMP, `turn_${state}`);
      const uncached = { 'X-Cache-Control': 'no-store' };
      const seen = [home.stateOf(LAMP), ...Array.from({ length: 9 }, () => home.stateOf(LAMP, uncached))];
      expect(await Promise.all(seen)).toEqual(Array(10).fill(state));
    }
  });

  it('is the state after a write of a group, a scene and an area for every member, and for the group of a member', async () => {
    const isOn = async () => (await Promise.all([LAMP, 'light.salon', 'switch.tv'].map((entity) => home.stateOf(entity)))).join();
    await home.service('scene.nuit', 'turn_on');
    expect(await isOn()).toBe('off,off,off');
    await home.service(LAMP, 'turn_on');
    expect(await isOn()).toBe('on,on,off');
    await home.service('light.salon', 'turn_off');
    expect(await isOn()).toBe('off,off,off');
    await home.service('scene.cinema', 'turn_on');
    expect(await isOn()).toBe('off,on,on');
    await home.tool('call_service', { domain: 'light', service: 'turn_off', data: { area_id: 'salon' } });
    expect(await isOn()).toBe('off,off,on');
  });

  it('is a change made in the house, within moments, although the answer would be kept for longer', async () => {
    await home.service('light.chambre', 'turn_off');
    const lights = async () => (await home.tool('get_entities', { domain: 'light' })).body;
    await eventually(async () => (await lights()).bridge_info.cached);
    const sensors = async () => (await home.tool('get_entities', { domain: 'sensor' })).body.bridge_info.cached as boolean;
    await eventually(sensors);

    press('light.chambre', 'on');
    const stateIn = ({ structuredContent }: any) =>
      structuredContent.entities.find(({ entity_id }: any) => entity_id === 'light.chambre').state;
    await eventually(
      async () => stateIn(await lights()),
      (state) => state === 'on',
      500,
    );
    expect(await sensors()).toBe(true);
  });

  it(
    'is not taken for fresh while nobody tells of changes, and not missed when somebody does again',
    async () => {
      press('switch.tv', 'on');
      await cacheUntilFresh('switch.tv');
      const feed: boolean[] = [];
      const cache = home.bridge.app.get(AnswerCache);
      const heard = jest.spyOn(cache, 'feedIs').mockImplementation(function (this: AnswerCache, server, live) {
        feed.push(live);
        AnswerCache.prototype.feedIs.call(cache, server, live);
        if (!live) press('switch.tv', 'off'); // in the gap: no child is heard
      });
      for (const pid of processesMarked('HASS_TEST_MARK=freshness').filter((one) => one !== process.pid)) {
        process.kill(pid, 'SIGKILL');
        if (await eventually(() => feed.includes(false), Boolean, 1000).catch(() => false)) break;
      }
      await eventually(() => feed.at(-1) === true, Boolean, 20_000);
      expect(await home.stateOf('switch.tv')).toBe('off');
      heard.mockRestore();
      await cacheUntilFresh('switch.tv');
    },
    MINUTE_MS,
  );

  it('says that the lock of a lamp is the lamp alone again, once the next child has told the groups', () =>
    eventually(() => home.locksOf('light', 'turn_on', 'light.chambre').length === 1));
});
