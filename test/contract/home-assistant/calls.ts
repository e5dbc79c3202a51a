import { type Fact, type HouseUnderTest, kind, outcome } from './fact.js';

const LAMP = { entity_id: 'light.salon_lamp' };
const TOGGLES = 20;

export const CALLS: readonly Fact[] = [
  {
    fact: 'twenty toggles at once are twenty successes and one change',
    async observe(house) {
      await house.call('light.turn_off', LAMP);
      return toggled(house, (toggle) => Promise.all(Array.from({ length: TOGGLES }, toggle)));
    },
  },
  {
    fact: 'twenty toggles one after another are twenty changes',
    async observe(house) {
      await house.call('light.turn_off', LAMP);
      return toggled(house, async (toggle) => {
        const replies = [];
        for (let turn = 0; turn < TOGGLES; turn++) replies.push(await toggle());
        return replies;
      });
    },
  },
  {
    fact: 'a call goes on when its socket is lost',
    async observe(house) {
      await house.call('light.turn_off', { entity_id: 'light.chambre' });
      const leaver = await house.another();
      void leaver.call('light.turn_on', { entity_id: 'light.chambre' });
      await leaver.send('ping');
      house.changes.length = 0;
      leaver.socket.terminate();
      return house.nextState('light.chambre');
    },
  },
  {
    fact: 'an absent entity, area or device, one of another domain, and none: success and no change',
    async observe(house) {
      const targets = [
        { entity_id: 'light.nonsense' },
        { area_id: 'nonsense' },
        { device_id: 'nonsense' },
        { entity_id: 'switch.tv' },
        { entity_id: 'none' },
      ];
      const seen = [];
      for (const target of targets) {
        const reply = await house.call('light.turn_on', target);
        seen.push([outcome(reply), reply.changes.length]);
      }
      return seen;
    },
  },
  {
    fact: 'homeassistant.toggle without a target is a success',
    observe: async (house) => outcome(await house.call('homeassistant.toggle')),
  },
  {
    fact: 'capitals, spaces and lists in one text are understood',
    async observe(house) {
      await house.call('switch.turn_off', { entity_id: ['switch.tv', 'switch.imprimante_3d'] });
      const { changes } = await house.call('switch.turn_on', { entity_id: ' Switch.TV , switch.imprimante_3d ' });
      return [...new Set(changes.map(({ entity }) => entity).filter((id) => id.startsWith('switch.')))].sort();
    },
  },
  {
    fact: 'an area means the lights in it, the members of its groups too',
    async observe(house) {
      await house.call('light.turn_off', { entity_id: 'light.salon' });
      const { changes } = await house.call('light.turn_on', { area_id: 'salon' });
      return [...new Set(changes.map(({ entity }) => entity).filter((id) => id.startsWith('light.')))].sort();
    },
  },
  ...(
    [
      ['an unknown service is not found', 'light.nonsense', undefined, {}],
      ['an unknown key is refused by name', 'light.turn_on', LAMP, { foo: 1 }],
      ['a level in words is refused', 'light.turn_on', LAMP, { brightness: 'bright' }],
      ['a service of entities wants a target', 'light.turn_on', undefined, {}],
      ['what is no id is refused', 'light.turn_on', { entity_id: 'nonsense' }, {}],
      ['a template is no id', 'light.turn_on', { entity_id: '{{ 1 }}' }, {}],
      ['a feature that the entity lacks is refused', 'cover.open_cover_tilt', { entity_id: 'cover.garage' }, {}],
      ['a thermostat is set to 99 °C or refuses it', 'climate.set_temperature', { entity_id: 'climate.salon' }, { temperature: 99 }],
      ['a label nobody knows is no target, or one without entities', 'light.turn_on', { label_id: 'x' }, {}],
      ['a floor nobody knows is no target, or one without entities', 'light.turn_on', { floor_id: 'x' }, {}],
    ] as const
  ).map(([fact, service, target, data]): Fact => ({ fact, observe: async (house) => kind(await house.call(service, target, data)) })),
  {
    fact: 'a response asked for in vain is refused',
    observe: async (house) => kind(await house.call('light.turn_on', LAMP, {}, { return_response: true })),
  },
  {
    fact: 'a script answers with data when asked to',
    needs: 'responses',
    observe: async (house) => keyed(await house.call('script.bilan', undefined, {}, { return_response: true })),
  },
  {
    fact: 'a call on what is unavailable is a success without a change',
    needs: 'availability',
    async observe(house) {
      await house.client.call('input_boolean.turn_off', { entity_id: 'input_boolean.courant' });
      const { state } = await house.client.state('switch.cuisine');
      const reply = await house.call('switch.toggle', { entity_id: 'switch.cuisine' });
      await house.client.call('input_boolean.turn_on', { entity_id: 'input_boolean.courant' });
      return [state, outcome(reply), reply.changes.length];
    },
  },
  {
    fact: 'REST takes no target and says no more than 400 for a bad service or bad data',
    async observe({ client }) {
      const seen = [];
      for (const [path, body] of [
        ['light/nonsense', {}],
        ['light/turn_on', { target: LAMP }],
        ['light/turn_on', { ...LAMP, foo: 1 }],
        ['light/turn_on', { entity_id: 'light.nonsense' }],
      ] as const) {
        const { status, text } = await client.rest('POST', `/api/services/${path}`, body);
        seen.push([status, text]);
      }
      return seen;
    },
  },
];

async function toggled(house: HouseUnderTest, run: (toggle: () => Promise<any>) => Promise<any[]>): Promise<object> {
  const clients = await Promise.all([1, 2, 3, 4].map(() => house.another()));
  house.changes.length = 0;
  let next = 0;
  const replies = await run(() => clients[next++ % clients.length]!.call('light.toggle', LAMP));
  await house.settled();
  await Promise.all(clients.map((client) => client.close()));
  return {
    successes: replies.filter(({ success }) => success).length,
    changes: house.changes.filter(({ entity }) => entity === LAMP.entity_id).length,
    state: (await house.client.state(LAMP.entity_id)).state,
  };
}

function keyed({ result }: { result?: any }): string[] {
  return Object.keys(result.response);
}
