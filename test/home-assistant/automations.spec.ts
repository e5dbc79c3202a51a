import { RealHousehold } from './real-household.js';

const EVENING = {
  alias: 'Éteindre la télé',
  trigger: [{ platform: 'time', at: '23:00:00' }],
  action: [{ service: 'switch.turn_off', target: { entity_id: 'switch.tv' } }],
};
const COUPURE = 'automation.coupure_imprimante_3d';
const MINUTE_MS = 60_000;

describe('The automations of a real Home Assistant', () => {
  let home: RealHousehold;

  beforeAll(async () => (home = await RealHousehold.open()), MINUTE_MS);
  afterAll(async () => {
    for (const { id } of await listed()) if (id.length === 16) await home.direct.rest('DELETE', `/api/config/automation/config/${id}`);
    await home.close();
  });

  const listed = async (): Promise<any[]> => (await home.tool('list_automations')).body.structuredContent.automations;

  it('get one that the list shows, and only one when the request is repeated', async () => {
    const create = (alias = EVENING.alias) => home.tool('create_automation', { ...EVENING, alias }, { 'X-Request-ID': 'evening' });
    const first = await create();
    expect(first.body.structuredContent).toMatchObject({ status: 'created', entity_id: 'automation.eteindre_la_tele' });
    expect((await create()).body).toMatchObject({ structuredContent: first.body.structuredContent, bridge_info: { replayed: true } });
    expect((await listed()).filter(({ friendly_name: name }) => name === EVENING.alias)).toHaveLength(1);
  });

  it("are refused in Home Assistant's own words", async () => {
    const { body } = await home.tool('create_automation', { ...EVENING, trigger: [{ platform: 'nonsense' }] });
    expect(body).toMatchObject({ isError: true, _meta: { 'hass/error': 'invalid_automation' } });
    expect(body.content[0].text).toMatch(/Invalid (platform|trigger) 'nonsense'/);
  });

  it.each([COUPURE, 'coupure_imprimante_3d', 'coupure'])('are set, not flipped, under the name %s', async (id) => {
    for (const enable of [false, false, true]) {
      const { body } = await home.tool('toggle_automation', { automation_id: id, enable });
      expect(body.structuredContent).toEqual({ entity_id: COUPURE, action: enable ? 'enabled' : 'disabled' });
      expect((await home.direct.state(COUPURE)).state).toBe(enable ? 'on' : 'off');
    }
  });
});

describe("A token without administrator's rights", () => {
  let home: RealHousehold;

  beforeAll(async () => (home = await RealHousehold.open({ asPlainUser: true })), MINUTE_MS);
  afterAll(() => home.close());

  it.each([
    ['get_entities', { domain: 'light' }],
    ['get_entity_state', { entity_id: COUPURE }],
    ['get_services', { domain: 'light', detail: 'fields' }],
    ['get_history', { entity_id: 'switch.tv', hours: 1 }],
    ['list_automations', {}],
    ['toggle_automation', { automation_id: 'coupure', enable: true }],
    ['call_service', { domain: 'switch', service: 'toggle', entity_id: 'switch.tv' }],
    ['call_service', { domain: 'scene', service: 'turn_on', entity_id: 'scene.cinema' }],
    ['call_service', { domain: 'script', service: 'turn_on', entity_id: 'script.bilan' }],
    ['call_service', { domain: 'light', service: 'turn_off', data: { area_id: 'Salon' } }],
  ])('suffices for %s %j', async (tool, args) => {
    const { status, body } = await home.tool(tool, args);
    expect([status, body.isError]).toEqual([200, false]);
  });

  it.each([
    ['create_automation', EVENING],
    ['call_service', { domain: 'automation', service: 'reload' }],
    ['call_service', { domain: 'homeassistant', service: 'restart' }],
  ])('does not suffice for %s %j, which is told without a failed login', async (tool, args) => {
    const { status, body } = await home.tool(tool, args);
    expect([status, body.isError, body._meta['hass/error']]).toEqual([200, true, 'ha_forbidden']);
    expect(home.front.journal.refusedLogins).toBe(0);
    expect(home.front.journal.of('POST /api/config')).toEqual([]);
  });
});
