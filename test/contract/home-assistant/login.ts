import { HouseClient } from '../../support/house-client.js';
import { type Fact, type HouseUnderTest, outcome } from './fact.js';

const PING = '{"id":90,"type":"ping"}';

export const LOGIN: readonly Fact[] = [
  {
    fact: 'a client is asked for its token first and told the version before and after',
    observe({ client }) {
      const [required, ok] = client.frames;
      return [required.type, ok.type, required.ha_version === ok.ha_version];
    },
  },
  {
    fact: 'a wrong token is told so, then the socket is closed',
    observe: (house) => greetedWith(house, '{"type":"auth","access_token":"nonsense"}'),
  },
  { fact: 'what is no JSON closes the socket before the login', observe: (house) => greetedWith(house, '{x') },
  {
    fact: 'what is no JSON closes the socket after it too',
    async observe(house) {
      const client = await house.another();
      client.sendRaw('{x');
      return client.closed;
    },
  },
  { fact: 'an unknown command is refused by name', observe: async ({ client }) => outcome(await client.send('nonsense')) },
  {
    fact: 'an id must be higher than the last one',
    async observe(house) {
      const client = await house.another();
      await client.send('ping');
      client.sendRaw('{"id":1,"type":"ping"}');
      await client.send('ping');
      const refusal = client.frames.find(({ success }) => success === false);
      await client.close();
      return refusal.error.code;
    },
  },
  {
    fact: 'several commands in one array are all answered',
    async observe(house) {
      const client = await house.another();
      const seen = client.frames.length;
      client.sendRaw(`[${PING},${PING.replace('90', '91')}]`);
      client.skipTo(91);
      await client.send('ping');
      const frames = client.frames.slice(seen, seen + 2).map(({ id, type }) => [id, type]);
      await client.close();
      return frames;
    },
  },
  {
    fact: 'answers come one by one, in no array, unless they were asked for',
    observe: ({ client }) => client.arrays,
  },
  {
    fact: 'a message of more than 4 MiB closes the socket with 1009',
    async observe(house) {
      const client = await house.another();
      void client.call('light.turn_on', { entity_id: 'light.cuisine' }, { x: 'a'.repeat(4.1 * 2 ** 20) });
      return client.closed;
    },
  },
  {
    fact: 'REST without a token is a 401',
    observe: async ({ client }) => (await client.rest('GET', '/api/states', undefined, '')).status,
  },
  {
    fact: 'a plain user may follow states and most registries, and no more than that',
    needs: 'users',
    async observe(house) {
      const guest = await HouseClient.join(house.plain!);
      const events = [
        'state_changed',
        'service_registered',
        'service_removed',
        'area',
        'device',
        'entity',
        'label',
        'floor',
        'call_service',
      ];
      const refused: string[] = [];
      for (const name of events) {
        const event = ['area', 'device', 'entity', 'label', 'floor'].includes(name) ? `${name}_registry_updated` : name;
        const { success } = await guest.send('subscribe_events', { event_type: event });
        if (success !== true) refused.push(event);
      }
      const { is_admin: isAdmin } = await guest.ask('auth/current_user');
      const reload = outcome(await guest.call('automation.reload'));
      const create = outcome(await guest.send('config/area_registry/create', { name: 'x' }));
      await guest.close();
      return { isAdmin, refused, reload, create };
    },
  },
  {
    fact: "an administrator's endpoint is a 401 for a plain user",
    needs: 'users',
    async observe({ plain }) {
      const guest = await HouseClient.join(plain!);
      const paths = ['/api/config/automation/config/coupure'];
      const statuses = await Promise.all(paths.map(async (path) => (await guest.rest('GET', path)).status));
      await guest.close();
      return statuses;
    },
  },
  {
    fact: 'the socket of a token that is revoked dies, and REST refuses it',
    needs: 'tokens',
    async observe({ client }) {
      const token = await client.ask('auth/long_lived_access_token', { client_name: `bref ${Date.now()}`, lifespan: 1 });
      const brief = await HouseClient.join({ ...client.address, token });
      const own = (await brief.ask('auth/refresh_tokens')).find(({ is_current: isCurrent }: any) => isCurrent);
      void brief.send('auth/delete_refresh_token', { refresh_token_id: own.id });
      await brief.closed;
      return (await client.rest('GET', '/api/', undefined, token)).status;
    },
  },
];

async function greetedWith({ client }: HouseUnderTest, text: string): Promise<unknown> {
  const stranger = await HouseClient.knock(client.address);
  stranger.sendRaw(text);
  const code = await stranger.closed;
  const { type, message } = stranger.frames.at(-1);
  return type === 'auth_required' ? [code] : [type, message, code];
}
