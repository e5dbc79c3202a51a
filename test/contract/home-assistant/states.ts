import { type Fact, keysOf } from './fact.js';

const LAMP = { entity_id: 'light.chambre' };
/** An entity that changes by itself: a template one may follow its helper only after the result, as 2025.4.4 shows. */
const DIRECT = { entity_id: 'automation.coupure_imprimante_3d' };

export const STATES: readonly Fact[] = [
  {
    fact: 'the first event of subscribe_entities has everything, in short keys',
    async observe(house) {
      const client = await house.another();
      const events: any[] = [];
      await client.subscribe('subscribe_entities', {}, (event) => events.push(event));
      await client.send('ping');
      await client.close();
      const [first] = events;
      const { a } = first;
      return [keysOf(first), keysOf(a['switch.tv']).filter((key) => key !== 'lu'), keysOf(a).filter((id) => id.startsWith('light.'))];
    },
  },
  {
    fact: 'subscribe_entities can be kept to some entities',
    async observe(house) {
      const client = await house.another();
      const events: any[] = [];
      await client.subscribe('subscribe_entities', { entity_ids: ['switch.tv'] }, (event) => events.push(event));
      await client.send('ping');
      await client.close();
      return keysOf(events[0].a);
    },
  },
  {
    fact: "a call's changes come before its result, under its context",
    async observe(house) {
      await house.call('automation.turn_off', DIRECT);
      const { result, changes } = await house.call('automation.turn_on', DIRECT);
      const contexts = new Set(
        changes.filter(({ entity }) => entity === DIRECT.entity_id).map(({ context }) => context.id === result.context.id),
      );
      return [keysOf(result.context), String(result.context.id).length, [...contexts]];
    },
  },
  {
    fact: 'a diff tells a new state with lc, and of a new context only what changed',
    async observe(house) {
      await house.call('automation.turn_off', DIRECT);
      const { diffs, result } = await house.call('automation.turn_on', DIRECT);
      const { s, c, lc, lu } = diffs
        .flatMap(({ c: changed }) => (changed?.[DIRECT.entity_id] === undefined ? [] : [changed[DIRECT.entity_id]['+']]))
        .at(-1);
      return [s, typeof lc, typeof lu, c === result.context.id || c.id === result.context.id];
    },
  },
  {
    fact: 'a value that is there already changes nothing',
    async observe(house) {
      await house.call('automation.turn_on', DIRECT);
      return (await house.call('automation.turn_on', DIRECT)).changes.length;
    },
  },
  {
    fact: 'a level above 255 is 255, a level of 0 is off without a level',
    async observe(house) {
      const seen: unknown[] = [];
      for (const brightness of [300, 0, '180']) {
        const { changes } = await house.call('light.turn_on', LAMP, { brightness });
        const { state, attributes } = changes.filter(({ entity }) => entity === 'light.chambre').at(-1)!;
        seen.push([state, attributes.brightness]);
      }
      return seen;
    },
  },
  {
    fact: 'a lamp that is lit without a level has its last one',
    async observe(house) {
      await house.call('light.turn_on', LAMP, { brightness: 77 });
      await house.call('light.turn_off', LAMP);
      const { changes } = await house.call('light.toggle', LAMP);
      return changes.filter(({ entity }) => entity === 'light.chambre').at(-1)!.attributes.brightness;
    },
  },
  {
    fact: 'a group follows its members, at their mean level, after them and under their context',
    async observe(house) {
      await house.call('light.turn_off', { entity_id: 'light.salon' });
      await house.call('light.turn_on', { entity_id: 'light.salon_lamp' }, { brightness: 100 });
      const { result, changes } = await house.call('light.turn_on', { entity_id: 'light.salon_etagere' }, { brightness: 50 });
      const lights = changes.filter(({ entity }) => entity.startsWith('light.'));
      const { entity, state, attributes } = lights.at(-1)!;
      return [entity, state, attributes.brightness, lights.every(({ context }) => context.id === result.context.id)];
    },
  },
  {
    fact: 'a scene and its members change under one context, and the scene shows when',
    async observe(house) {
      await house.call('light.turn_off', { entity_id: 'light.salon' });
      const { result, changes } = await house.call('scene.turn_on', { entity_id: 'scene.cinema' });
      const own = changes.filter(({ context }) => context.id === result.context.id).map(({ entity }) => entity);
      const { state } = await house.client.state('scene.cinema');
      return [own.includes('light.salon_etagere'), own.includes('scene.cinema'), !Number.isNaN(Date.parse(state))];
    },
  },
  {
    fact: 'what one connection did is heard by another before its next pong',
    async observe(house) {
      const reader = await house.another();
      let state = '';
      await reader.subscribe('subscribe_entities', { entity_ids: [DIRECT.entity_id] }, ({ a, c }) => {
        state = a?.[DIRECT.entity_id]?.s ?? c?.[DIRECT.entity_id]?.['+']?.s ?? state;
      });
      await reader.send('ping');
      let missed = 0;
      for (let turn = 0; turn < 50; turn++) {
        const wanted = state === 'on' ? 'off' : 'on';
        await house.client.call('automation.toggle', DIRECT);
        await reader.send('ping');
        if (state !== wanted) missed++;
      }
      await reader.close();
      return missed;
    },
  },
  {
    fact: 'REST shows a state whatever the case of its id, and a 404 for one that is not there',
    async observe({ client }) {
      const { status, json } = await client.rest('GET', '/api/states/Switch.TV');
      const absent = await client.rest('GET', '/api/states/light.nonsense');
      return [status, json.entity_id, keysOf(json).filter((key) => key !== 'last_reported'), absent.status, absent.json];
    },
  },
  {
    fact: 'dates are told to the microsecond, with an offset',
    observe: async ({ client }) => (await client.state('switch.tv')).last_changed.replaceAll(/\d/g, '0'),
  },
];
