import { systemClock } from '../../../src/call/clock.js';
import { Household } from '../../support/a-household.js';
import { eventually } from '../../support/eventually.js';

const LAMP = 'light.salon_lamp';
const MINUTE_MS = 60_000;

describe('What became of a call', () => {
  let home: Household;
  const services = () => home.house.journal.services();

  beforeAll(async () => (home = await Household.open({ children: 2 })), MINUTE_MS);
  beforeEach(() => {
    home.house.calm();
    home.house.journal.clear();
  });
  afterAll(() => home.close());

  it('answers a write slower than its time with 504 and outcome unknown, once in the journal, its child alive, the next write after it', async () => {
    home.house.faults.next('call_service', { as: 'late' });
    const children = home.house.openSockets;
    const slow = await home.service(LAMP, 'turn_on', {}, { 'X-Timeout': '1', 'X-Request-ID': 'slow-write' });
    expect([slow.status, slow.body.error.code]).toEqual([504, -32002]);
    expect(slow.body.error.data).toMatchObject({ phase: 'running', outcome: 'unknown' });

    const next = home.service(LAMP, 'turn_off');
    const other = await home.service('light.chambre', 'turn_on');
    expect([other.status, services().map(({ targets }) => targets)]).toEqual([200, [[LAMP], ['light.chambre']]]);
    home.house.release();
    expect((await next).status).toBe(200);
    expect(services().map(({ service }) => service)).toEqual(['turn_on', 'turn_on', 'turn_off']);
    expect(home.house.openSockets).toBe(children);
    const told = await home.service(LAMP, 'turn_on', {}, { 'X-Request-ID': 'slow-write' });
    expect([told.status, told.body.isError, services().length]).toEqual([200, false, 3]);
  });

  it('answers a write whose answer is lost with 502 and does not repeat it', async () => {
    home.house.faults.next('call_service', { as: 'lose_answer' });
    const { status, body } = await home.service(LAMP, 'turn_on');
    expect([status, body.error.code, body.error.data.outcome]).toEqual([502, -32005, 'unknown']);
    await eventually(() => home.house.openSockets === 2);
    expect((await home.service(LAMP, 'turn_off')).status).toBe(200);
    expect(services().map(({ service }) => service)).toEqual(['turn_on', 'turn_off']);
  });

  it('repeats a write that was never sent, and does it once', async () => {
    await home.house.vanish();
    const write = home.service(LAMP, 'turn_on');
    await home.house.listen();
    expect((await write).status).toBe(200);
    expect(services()).toHaveLength(1);
  });

  it('proves that a write was not sent whose preparing questions were not answered, and does it once they are', async () => {
    home.house.faults.always('ping', { as: 'hang' });
    const { status, body } = await home.service(LAMP, 'turn_on', {}, { 'X-Timeout': '1' });
    expect([status, body.error.data.outcome]).toEqual([504, 'not_started']);
    expect(services()).toEqual([]);
    home.house.calm();
    home.house.dropAll();
    expect((await home.service(LAMP, 'turn_on')).status).toBe(200);
    expect(services()).toHaveLength(1);
  });

  it('repeats a read that was lost, and answers it', async () => {
    home.house.faults.next('GET /api/history', { as: 'lose_answer' });
    const { status, body } = await home.tool('get_history', { entity_id: LAMP });
    expect([status, body.isError, body.bridge_info.attempts]).toEqual([200, false, 2]);
  });

  it.each([
    ['Lampe Salon', { entity_id: 'Lampe Salon' }, LAMP],
    ['one unknown among three', { entity_id: [LAMP, 'light.chambre', 'light.salon_lampe'] }, LAMP],
    ['a shelf without its accent', { entity_id: 'Etagere Salon' }, 'light.salon_etagere'],
    ['a room that is not there', { data: { area_id: 'saloon' } }, 'salon'],
  ])('finds no entity for %s, names near ones, sends nothing', async (_what, aim, near) => {
    const { status, body } = await home.tool('call_service', { domain: 'light', service: 'turn_on', ...aim });
    expect([status, body.isError, body._meta['hass/error']]).toEqual([200, true, 'entity_not_found']);
    expect(body.content[0].text).toContain(near);
    expect(services()).toEqual([]);
  });

  it('takes numbers, booleans and objects as text, rooms in any spelling, and no domain for all of them', async () => {
    const call = { domain: 'light', service: 'turn_on', entity_id: LAMP, data: '{"brightness":"180"}' };
    expect((await home.tool('call_service', call)).body.isError).toBe(false);
    expect(home.house.demo.house.get(LAMP)?.attributes.brightness).toBe(180);
    for (const [enable, state] of [
      ['non', 'off'],
      ['oui', 'on'],
      ['false', 'off'],
      [true, 'on'],
    ] as const) {
      expect((await home.tool('toggle_automation', { automation_id: 'coupure_imprimante_3d', enable })).body.isError).toBe(false);
      expect(home.house.demo.house.get('automation.coupure_imprimante_3d')?.state).toBe(state);
    }
    const found = async (args: object) => (await home.tool('get_entities', args)).body.structuredContent.total as number;
    expect(await found({ search: 'Étagère' })).toBe(1);
    expect(await found({ search: 'etagere' })).toBe(1);
    expect(await found({ area: 'ENTREE' })).toBe(await found({ area: 'Entrée' }));
    expect(await found({ domain: '' })).toBe(23);
    expect(await found({ domain: 'tous' })).toBe(23);
    expect(await found({ domain: 'light, scene' })).toBe(7);
  });
});

describe('What is asked of the house', () => {
  let home: Household;

  beforeAll(async () => (home = await Household.open({ children: 2 })), MINUTE_MS);
  beforeEach(() => {
    home.house.calm();
    home.house.journal.clear();
  });
  afterAll(() => home.close());

  const TRIGGER = {
    trigger: [{ platform: 'state', entity_id: LAMP, to: 'on' }],
    action: [{ service: 'light.turn_off', target: { entity_id: LAMP } }],
  };
  const create = (args: object, headers = {}) => home.tool('create_automation', { alias: 'Réveil', ...TRIGGER, ...args }, headers);
  const listed = async () =>
    (await home.tool('list_automations')).body.structuredContent.automations as { id: string; entity_id: string }[];

  it('asks for the 48 hours it was told, in path and end, and names the entity in every row', async () => {
    const { body } = await home.tool('get_history', { entity_id: 'sensor.temperature_salon,sensor.humidite_salon', hours: 48, limit: 10 });
    const url = new URL(home.house.journal.of('GET /api/history')[0]!.command.slice(4), home.house.url);
    const start = Date.parse(decodeURIComponent(url.pathname.split('/').at(-1)!));
    expect(Date.parse(url.searchParams.get('end_time')!) - start).toBe(48 * 3_600_000);
    const { states, truncated, count } = body.structuredContent;
    expect([count, truncated, states.every(({ entity_id }: any) => entity_id.startsWith('sensor.'))]).toEqual([10, true, true]);
    const times = states.map(({ last_changed }: any) => Date.parse(last_changed));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const none = await home.tool('get_history', { entity_id: 'scene.nuit', end: '2001-01-01T00:00:00Z' });
    expect(none.body.structuredContent).toMatchObject({ count: 0, states: [] });
  });

  it('makes one automation of a request id, and of an id, however often it is sent', async () => {
    const first = await create({}, { 'X-Request-ID': 'wake-me' });
    expect(first.body.structuredContent).toMatchObject({ status: 'created', entity_id: 'automation.reveil' });
    expect((await listed()).filter(({ entity_id }) => entity_id.startsWith('automation.reveil'))).toHaveLength(1);
    await create({}, { 'X-Request-ID': 'wake-me' });
    await create({ id: 'reveil-1' });
    expect((await create({ id: 'reveil-1', alias: 'Réveil' })).body.structuredContent.status).toBe('updated');
    expect((await listed()).filter(({ entity_id }) => entity_id.startsWith('automation.reveil'))).toHaveLength(2);
  });

  it('makes no second automation of a request id that nobody remembers any more, but writes the first one again', async () => {
    const nap = () => create({ alias: 'Sieste' }, { 'X-Request-ID': 'nap' });
    const naps = async () => (await listed()).filter(({ entity_id }) => entity_id.startsWith('automation.sieste'));
    expect((await nap()).body.structuredContent.status).toBe('created');
    expect((await nap()).body.bridge_info.replayed).toBe(true);
    const now = systemClock.now.bind(systemClock);
    const later = jest.spyOn(systemClock, 'now').mockImplementation(() => now() + 10 * MINUTE_MS);
    const again = await nap();
    later.mockRestore();
    expect([again.body.bridge_info.replayed, again.body.structuredContent.status]).toEqual([undefined, 'updated']);
    expect(home.house.journal.of('POST /api/config/automation')).toHaveLength(2);
    expect(await naps()).toHaveLength(1);
  });

  it("gives Home Assistant's own words for a trigger it does not know, and YAML where nothing can be written", async () => {
    const wrong = await create({ trigger: [{ platform: 'telepathy' }] });
    expect([wrong.body.isError, wrong.body._meta['hass/error']]).toEqual([true, 'invalid_automation']);
    expect(wrong.body.content[0].text).toContain('Message malformed: ');
    home.house.faults.next('POST /api/config/automation', { as: 'refuse', code: 'x', status: 404, message: '404: Not Found' });
    const yaml = await create({ id: 'nulle-part' });
    expect([yaml.body.isError, yaml.body.structuredContent.status]).toEqual([false, 'yaml_generated']);
    expect(yaml.body.content[0].text).toMatch(/générée!\n\n- id: nulle-part\n/);
  });

  it(
    'says so when the new automation never appears',
    async () => {
      home.house.faults.next('POST /api/config/automation', { as: 'answer', result: { result: 'ok' } });
      const { body } = await create({ id: 'fantome' });
      expect([body.isError, body.structuredContent.status]).toEqual([false, 'created_unverified']);
    },
    MINUTE_MS,
  );

  it('sets an automation by its entity id, its short id and the id of its configuration', async () => {
    for (const [automation_id, enable, action] of [
      ['automation.coupure_imprimante_3d', false, 'disabled'],
      ['Coupure_Imprimante_3d', true, 'enabled'],
      ['coupure', false, 'disabled'],
      ['coupure', false, 'disabled'],
    ] as const) {
      const { body } = await home.tool('toggle_automation', { automation_id, enable });
      expect(body.structuredContent).toEqual({ entity_id: 'automation.coupure_imprimante_3d', action });
    }
  });
});
