import type { RestReply } from '../../support/house-client.js';
import { type Fact, type HouseUnderTest } from './fact.js';

const HOUR_MS = 3_600_000;
const PLUG = 'switch.imprimante_3d';

export const HISTORY: readonly Fact[] = [
  {
    fact: 'of each entity the first row is whole, the others tell state and time',
    async observe(house) {
      await house.call('switch.turn_off', { entity_id: PLUG });
      await house.call('switch.turn_on', { entity_id: PLUG });
      const rows = await house.until(async () => {
        const { json } = await past(house, -HOUR_MS, `&minimal_response&no_attributes`);
        return json[0]?.at(-1).state === 'on' && json[0];
      });
      return [rows[0].entity_id, Object.keys(rows.at(-1)).sort()];
    },
  },
  {
    fact: 'without an end it is one day from the start',
    async observe(house) {
      const { json } = await past(house, -48 * HOUR_MS, '', '');
      return json.flat().filter(({ last_changed: at }: any) => Date.parse(at) > Date.now() - 20 * HOUR_MS).length;
    },
  },
  {
    fact: 'a start in the query is passed over',
    async observe({ client }) {
      const query = `filter_entity_id=${PLUG}&start_time=${new Date(Date.now() + HOUR_MS).toISOString()}`;
      return (await client.rest('GET', `/api/history/period?${query}`)).json[0].length > 0;
    },
  },
  {
    fact: 'an entity without rows is missing, and none at all is an empty list',
    async observe({ client }) {
      const { status, json } = await client.rest('GET', '/api/history/period?filter_entity_id=sensor.nonsense');
      return [status, json];
    },
  },
  {
    fact: 'it wants to know of which entity',
    async observe({ client }) {
      const { status, json } = await client.rest('GET', '/api/history/period');
      return [status, json];
    },
  },
  {
    fact: 'a plus sign in a date must be escaped',
    async observe(house) {
      const end = new Date().toISOString().replace('Z', '+00:00');
      const seen = [];
      for (const text of [end, encodeURIComponent(end)]) seen.push((await past(house, -HOUR_MS, '', `&end_time=${text}`)).status);
      return seen;
    },
  },
];

function past(
  { client }: HouseUnderTest,
  fromMs: number,
  more = '',
  end = `&end_time=${new Date(Date.now() + HOUR_MS).toISOString()}`,
): Promise<RestReply> {
  const start = new Date(Date.now() + fromMs).toISOString();
  return client.rest('GET', `/api/history/period/${start}?filter_entity_id=${PLUG}${end}${more}`);
}
