import { callTool, DemoHome } from '../../../test/support/demo-home.js';
import type { HomeAssistant } from '../home-assistant.js';

const EVENING = {
  alias: 'Éteindre la télé',
  trigger: [{ platform: 'time', at: '23:00:00' }],
  action: [{ service: 'switch.turn_off', target: { entity_id: 'switch.tv' } }],
};

describe('the tools for automations', () => {
  let home: DemoHome;
  let house: HomeAssistant;

  beforeEach(async () => {
    home = await DemoHome.open();
    house = home.client();
  });
  afterEach(() => home.close());

  const list = async () => (await callTool(house, 'list_automations', {})).structuredContent as { total: number; automations: object[] };

  it('creates one that the list shows at once', async () => {
    const { content, structuredContent } = await callTool(house, 'create_automation', EVENING);

    expect(content[0]?.text).toMatch(/^Automatisation 'Éteindre la télé' créée avec succès!\n\n\{/);
    expect(structuredContent).toMatchObject({ status: 'created', entity_id: 'automation.eteindre_la_tele' });
    expect((await list()).automations).toContainEqual(expect.objectContaining({ entity_id: 'automation.eteindre_la_tele', state: 'on' }));
  });

  it('makes one automation of a request that is repeated', async () => {
    const first = await callTool(house, 'create_automation', EVENING, 'request-1');
    const again = await callTool(house, 'create_automation', EVENING, 'request-1');

    expect(again.structuredContent).toMatchObject({ status: 'updated', id: first.structuredContent?.id });
    expect((await list()).total).toBe(3);
  });

  it('gives the words of Home Assistant for a trigger that it does not know', async () => {
    const asked = callTool(house, 'create_automation', { ...EVENING, trigger: [{ platform: 'nonsense' }] });

    await expect(asked).rejects.toMatchObject({
      code: 'invalid_automation',
      message: expect.stringContaining("Invalid trigger 'nonsense'"),
    });
  });

  it.each([{ trigger: [] }, { action: undefined }, { alias: '' }, { id: 'é' }, { mode: 'x' }])(
    'refuses %j without asking',
    async (wrong) => {
      await expect(callTool(house, 'create_automation', { ...EVENING, ...wrong })).rejects.toMatchObject({ code: -32602 });
    },
  );

  it('does not ask for what only an administrator may do', async () => {
    await house.states(AbortSignal.timeout(5000));
    house.isAdmin = false;

    await expect(callTool(house, 'create_automation', EVENING)).rejects.toMatchObject({ code: 'ha_forbidden' });
  });

  it.each(['automation.coupure_imprimante_3d', 'coupure_imprimante_3d', 'coupure'])(
    'sets the one that is called %s, twice the same',
    async (id) => {
      for (const enable of ['non', false]) {
        const { content, structuredContent } = await callTool(house, 'toggle_automation', { automation_id: id, enable });
        expect(content[0]?.text).toBe('Automatisation automation.coupure_imprimante_3d désactivée avec succès!');
        expect(structuredContent).toEqual({ entity_id: 'automation.coupure_imprimante_3d', action: 'disabled' });
      }
      expect(home.demo.house.get('automation.coupure_imprimante_3d')?.state).toBe('off');
    },
  );

  it('says which automation may have been meant', async () => {
    await expect(callTool(house, 'toggle_automation', { automation_id: 'coupure imprimante' })).rejects.toThrow(
      'automation.coupure_imprimante_3d',
    );
  });

  it('says so when there is none', async () => {
    await house.states(AbortSignal.timeout(5000));
    for (const { entityId } of home.demo.house.all('automation')) home.demo.house.remove(entityId);

    expect((await callTool(house, 'list_automations', {})).content[0]?.text).toBe('Aucune automatisation trouvée.');
  });
});
