import type { HouseClient } from '../../support/house-client.js';
import { type Fact, type HouseUnderTest, keysOf } from './fact.js';

const EVENING = {
  alias: 'Éteindre la télé',
  trigger: [{ platform: 'time', at: '23:00:00' }],
  condition: [],
  action: [{ service: 'switch.turn_off', target: { entity_id: 'switch.tv' } }],
  mode: 'single',
};

export const AUTOMATIONS: readonly Fact[] = [
  {
    fact: 'an automation that was written appears under the slug of its alias, with a number when that is taken',
    async observe(house) {
      const seen = [];
      for (const id of ['essai_1', 'essai_2']) {
        const { status, json } = await at(house.client, 'POST', id, EVENING);
        seen.push([status, json, await house.entityWith(id)]);
      }
      await Promise.all(['essai_1', 'essai_2'].map((id) => at(house.client, 'DELETE', id)));
      await gone(house, 'automation.eteindre_la_tele_2');
      return seen;
    },
  },
  {
    fact: 'what is read back has the keys of its version',
    observe: async ({ client }) => keysOf((await at(client, 'GET', 'coupure')).json),
  },
  {
    fact: 'one without a trigger, with an unknown one, and with an unknown key are refused',
    async observe({ client }) {
      const { trigger, ...rest } = EVENING;
      const wrong = [rest, { ...EVENING, trigger: [{ platform: 'nonsense' }] }, { ...EVENING, foo: trigger }];
      const seen = [];
      for (const body of wrong) {
        const { status, json } = await at(client, 'POST', 'essai_x', body);
        seen.push([status, String(json.message).startsWith('Message malformed')]);
      }
      return seen;
    },
  },
  {
    fact: 'one that is not there: 404 to read, 400 to delete',
    observe: async ({ client }) =>
      Promise.all([at(client, 'GET', 'nonsense'), at(client, 'DELETE', 'nonsense')].map(async (reply) => (await reply).status)),
  },
  {
    fact: 'one is switched off and on like anything else',
    async observe(house) {
      const seen = [];
      for (const service of ['turn_off', 'turn_on']) {
        await house.call(`automation.${service}`, { entity_id: 'automation.coupure_imprimante_3d' });
        seen.push((await house.client.state('automation.coupure_imprimante_3d')).state);
      }
      return seen;
    },
  },
];

function at(client: HouseClient, method: string, id: string, body?: object) {
  return client.rest(method, `/api/config/automation/config/${id}`, body);
}

async function gone(house: HouseUnderTest, entityId: string): Promise<void> {
  await house.until(async () => (await house.client.rest('GET', `/api/states/${entityId}`)).status === 404);
}
