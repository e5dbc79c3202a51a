import { type Fact, keysOf } from './fact.js';

export const CATALOGUE: readonly Fact[] = [
  {
    fact: 'services are told by domain and name, by REST as a list of domains',
    async observe({ client }) {
      const services = await client.ask('get_services');
      const { json } = await client.rest('GET', '/api/services');
      const { fields, target } = services.light.turn_on;
      return [
        keysOf(services.light),
        typeof fields,
        typeof target,
        json.map(keysOf).every((keys: string[]) => keys.join() === 'domain,services'),
      ];
    },
  },
  {
    fact: 'only services that answer with data have a response',
    async observe({ client }) {
      const { light, switch: plugs } = await client.ask('get_services');
      return [light, plugs].flatMap((services: any) => Object.values(services)).filter((service: any) => service.response !== undefined)
        .length;
    },
  },
  {
    fact: 'rooms have an id and a name',
    observe: async ({ client }) => (await client.ask('config/area_registry/list')).map(({ area_id: id, name }: any) => [id, name]).sort(),
  },
  {
    fact: 'the compact list of entities tells the room of each',
    async observe({ client }) {
      const { entities } = await client.ask('config/entity_registry/list_for_display');
      const { ei, ai } = entities.find(({ ei: id }: any) => id === 'light.cuisine');
      return [ei, ai];
    },
  },
  {
    fact: 'floors and labels are lists, devices too',
    async observe({ client }) {
      const lists = [];
      for (const name of ['floor', 'label', 'device']) lists.push(Array.isArray(await client.ask(`config/${name}_registry/list`)));
      return lists;
    },
  },
  {
    fact: 'it says what it is, and that it is running',
    async observe({ client }) {
      const { state, version } = await client.ask('get_config');
      const { status, json } = await client.rest('GET', '/api/');
      return [state, typeof version, status, json];
    },
  },
];
