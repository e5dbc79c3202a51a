import {
  callService,
  createConnection,
  createLongLivedTokenAuth,
  ERR_INVALID_AUTH,
  getConfig,
  subscribeEntities,
} from 'home-assistant-js-websocket';
import type { Connection, HassEntities } from 'home-assistant-js-websocket';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.js';
import { FakeHomeAssistant } from '../support/fake-home-assistant.js';
import { overlaps } from '../support/house-front/journal.js';

const LAMP = 'light.salon_lamp';

describe('The fake Home Assistant, before a client that is not ours', () => {
  let house: FakeHomeAssistant;
  let client: Connection;

  beforeAll(() => Object.assign(globalThis, { WebSocket }));
  beforeEach(async () => {
    house = await FakeHomeAssistant.open();
    client = await createConnection({ auth: createLongLivedTokenAuth(house.url, house.token) });
  });
  afterEach(async () => {
    client.close();
    await house.close();
  });

  const toggle = (entity: string, data = {}) => callService(client, 'light', 'toggle', data, { entity_id: entity });

  it('lets it connect, read, call and hear of what changed', async () => {
    let seen: HassEntities = {};
    subscribeEntities(client, (entities) => (seen = entities));
    await eventually(() => Object.keys(seen).length === 23);
    expect((await getConfig(client)).state).toBe('RUNNING');
    await toggle(LAMP, { brightness: 100 });
    await eventually(() => seen[LAMP]?.state === 'on' && seen[LAMP].attributes.brightness === 100);
    expect(seen['light.salon']?.state).toBe('on');
    expect(house.journal.services(LAMP)).toHaveLength(1);
  });

  it.each([{ speaksInArrays: false }, { speaksInArrays: true }])(
    'lets it come back after a restart, its subscription too, %j',
    async (mood) => {
      Object.assign(house.mood, mood);
      let seen: HassEntities = {};
      subscribeEntities(client, (entities) => (seen = entities));
      await eventually(() => Object.keys(seen).length === 23);
      await house.vanish();
      await house.demo.services.call('light', 'turn_on', {}, { entity_id: LAMP }, { id: 'x', parent_id: null, user_id: null });
      expect(seen[LAMP]?.state).toBe('off');
      await house.listen();
      await eventually(() => seen[LAMP]?.state === 'on', Boolean, 10_000);
    },
  );

  it('refuses a token that was revoked', async () => {
    house.mood.isTokenRevoked = true;
    const again = createConnection({ auth: createLongLivedTokenAuth(house.url, house.token), setupRetry: 0 });
    await expect(again).rejects.toBe(ERR_INVALID_AUTH);
    expect(house.journal.refusedLogins).toBe(1);
  });

  it('runs the commands of one socket at the same time, and its journal shows it', async () => {
    house.faults.always('call_service', { as: 'slow', ms: 20 });
    await Promise.all([toggle(LAMP), toggle(LAMP)]);
    expect(overlaps(house.journal.services(LAMP))).toHaveLength(1);
  });

  it('answers late and in the wrong order when it is told to', async () => {
    house.faults.next('call_service', { as: 'late' }, 2);
    const answered: string[] = [];
    const calls = [LAMP, 'light.chambre'].map((entity) => toggle(entity).then(() => answered.push(entity)));
    await eventually(() => house.keptBackCount === 2);
    expect(house.demo.house.get(LAMP)?.state).toBe('on');
    house.release('reversed');
    await Promise.all(calls);
    expect(answered).toEqual(['light.chambre', LAMP]);
  });

  it.each([
    ['drop', 0, 'off'],
    ['lose_answer', 1, 'on'],
  ] as const)('ends the connection, at %s, with the call done %i times', async (as, times, state) => {
    house.faults.next('call_service', { as });
    await expect(toggle(LAMP)).rejects.toBeDefined();
    expect(house.journal.services(LAMP)).toHaveLength(times);
    expect(house.demo.house.get(LAMP)?.state).toBe(state);
  });

  it('says no with any code, does not answer at all, keeps events to itself', async () => {
    house.faults.next('call_service', { as: 'refuse', code: 'home_assistant_error', message: 'the lamp is gone' });
    await expect(toggle(LAMP)).rejects.toEqual({ code: 'home_assistant_error', message: 'the lamp is gone' });

    let seen: HassEntities = {};
    subscribeEntities(client, (entities) => (seen = entities));
    await eventually(() => Object.keys(seen).length === 23);
    house.mood.passesEvents = () => false;
    await toggle(LAMP);
    expect([house.demo.house.get(LAMP)?.state, seen[LAMP]?.state]).toEqual(['on', 'off']);

    house.mood.isSilent = true;
    let heard = 'nothing';
    const pong = client.ping().then(
      () => (heard = 'a pong'),
      () => (heard = 'the end'),
    );
    await fetch(`${house.behind.url}/api/`);
    expect(heard).toBe('nothing');
    house.dropAll();
    expect(await pong).toBe('the end');
  });
});
