import { eventually } from '../support/eventually.js';
import { RealHousehold } from './real-household.js';

const LAMP = 'light.salon_lamp';
const MINUTE_MS = 60_000;

describe('A write to a real Home Assistant', () => {
  let home: RealHousehold;

  beforeAll(async () => (home = await RealHousehold.open()), MINUTE_MS);
  beforeEach(() => {
    home.front.calm();
    home.front.journal.clear();
  });
  afterAll(() => home.close());

  it('that is slower than its caller is told running and unknown, is done once, and holds its lamp until it is answered', async () => {
    await home.service('light.turn_off', LAMP);
    home.front.journal.clear();
    home.front.faults.next('call_service', { as: 'late' });
    const slow = home.service('light.turn_on', LAMP, {}, { 'X-Timeout': '2' });
    await eventually(() => home.front.keptBackCount === 1);
    const next = home.service('light.turn_off', LAMP);
    const { status, body } = await slow;
    expect(status).toBe(504);
    expect(body.error).toMatchObject({ code: -32002, data: { phase: 'running', outcome: 'unknown' } });
    expect(home.front.journal.services(LAMP)).toHaveLength(1);
    home.front.release();
    expect((await next).status).toBe(200);
    expect(home.front.journal.services(LAMP)).toHaveLength(2);
    expect((await home.direct.state(LAMP)).state).toBe('off');
    expect((await home.bridge.get('/mcp/status')).body.sessions.available).toBe(4);
  });

  it('whose answer is lost is told unknown and never repeated', async () => {
    await home.service('switch.turn_off', 'switch.tv');
    home.front.journal.clear();
    home.front.faults.next('call_service', { as: 'lose_answer' });
    const { status, body } = await home.service('switch.toggle', 'switch.tv');
    expect([status, body.error.code, body.error.data.outcome]).toEqual([502, -32005, 'unknown']);
    expect(
      await eventually(
        () => home.stateOf('switch.tv'),
        (state) => state === 'on',
      ),
    ).toBe('on');
    expect(home.front.journal.services('switch.tv')).toHaveLength(1);
  });

  it('is never lost, but a read whose answer is lost is asked again', async () => {
    home.front.faults.next('GET /api/history', { as: 'lose_answer' });
    const { status, body } = await home.tool('get_history', { entity_id: 'switch.tv', hours: 1 });
    expect([status, body.isError, body.bridge_info.attempts]).toEqual([200, false, 2]);
  });

  it.each([
    ['an id that nobody has', 'light.salon_lampe'],
    ['one of three', [LAMP, 'light.chambre', 'light.nonsense']],
    ['a name instead of an id', 'Lampe Salon'],
  ])('to %s is not sent, and near names are told', async (_, entity) => {
    const { status, body } = await home.service('light.turn_on', entity);
    expect([status, body.isError, body._meta['hass/error']]).toEqual([200, true, 'entity_not_found']);
    if (typeof entity === 'string') expect(body.content[0].text).toContain(LAMP);
    expect(home.front.journal.services()).toEqual([]);
  });

  it.each([
    ['a level as text', { domain: 'light', service: 'turn_on', entity_id: LAMP, data: { brightness: '180' } }],
    ['data as text', { domain: 'light', service: 'turn_on', entity_id: LAMP, data: '{"brightness": 180}' }],
    ['the target in the data', { domain: 'light', service: 'turn_on', data: { entity_id: ' Light.Salon_Lamp ', brightness: 180 } }],
    ['the whole name of the service', { domain: 'light', service: 'light.turn_on', entity_id: LAMP, data: { brightness: 180 } }],
  ])('with %s is understood', async (_, args) => {
    await home.service('light.turn_off', LAMP);
    const { body } = await home.tool('call_service', args);
    expect(body.structuredContent.changed).toContainEqual(expect.objectContaining({ entity_id: LAMP, state: 'on' }));
    expect((await home.direct.state(LAMP)).attributes.brightness).toBe(180);
  });

  it('of an entity that only shows another is told whole, and seen by the next read, each time', async () => {
    const [plug, told, seen]: [string, unknown[], string[]] = ['switch.tv', [], []];
    for (let turn = 0; turn < 20; turn++) {
      const { body } = await home.service(`switch.turn_${turn % 2 === 0 ? 'off' : 'on'}`, plug);
      seen.push(await home.stateOf(plug));
      if (turn > 0) told.push(body.structuredContent.changed.find(({ entity_id: id }: any) => id === plug)?.state);
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, turn) => (turn % 2 === 0 ? 'off' : 'on')));
    expect(told).toEqual(seen.slice(1));
  });

  it('that Home Assistant refuses keeps its words', async () => {
    const { body } = await home.service('light.turn_on', LAMP, { foo: 1 });
    expect([body.isError, body.content[0].text]).toEqual([true, expect.stringContaining("extra keys not allowed @ data['foo']")]);
  });

  it('answers with data where the service has some', async () => {
    const { body } = await home.tool('call_service', { domain: 'script', service: 'bilan' });
    expect(body.structuredContent.response).toEqual({ tele: expect.stringMatching(/^(on|off)$/) });
  });
});
