import { ManualClock } from '../../../test/support/demo-clock.js';
import type { Fields } from '../fields.js';
import { DemoHouse } from './demo-house.js';
import { newContext } from './state.js';

function aHouse(options: { delayMs?: number; tickMs?: number } = {}) {
  const clock = new ManualClock();
  const demo = new DemoHouse({ clock, ...options });
  const call = (name: string, target: Fields | undefined, data: Fields = {}, context = newContext('demo')) => {
    const [domain = '', service = ''] = name.split('.');
    return demo.services.call(domain, service, data, target, context);
  };
  const state = (id: string) => demo.house.get(id);
  return { clock, demo, call, state };
}

const LAMP = { entity_id: 'light.salon_lamp' };

describe(DemoHouse.name, () => {
  it('has 23 entities, five of them lights, all marked as a demo', () => {
    const { demo } = aHouse();

    expect(demo.house.all()).toHaveLength(23);
    expect(demo.house.all('light')).toHaveLength(5);
    expect(demo.house.all().every(({ attributes }) => attributes.demo === true)).toBe(true);
  });

  it.each([
    [{ brightness: '180' }, 'on', 180],
    [{ brightness: 300 }, 'on', 255],
    [{ brightness: 0 }, 'off', null],
    [{ brightness_pct: 50 }, 'on', 128],
    [{}, 'on', 128],
  ])('lights a lamp with %j', async (data, expected, brightness) => {
    const { call, state } = aHouse();

    await call('light.turn_on', LAMP, data);

    expect(state('light.salon_lamp')).toMatchObject({ state: expected, attributes: { brightness } });
  });

  it('remembers the last level of a lamp', async () => {
    const { call, state } = aHouse();
    await call('light.turn_on', LAMP, { brightness: 77 });
    await call('light.turn_off', LAMP);
    await call('light.toggle', LAMP);

    expect(state('light.salon_lamp')?.attributes.brightness).toBe(77);
  });

  it('shows a group as lit when one of its members is, at their mean level', async () => {
    const { call, state } = aHouse();

    await call('light.turn_on', LAMP, { brightness: 100 });
    await call('light.turn_on', { entity_id: 'light.salon_etagere' }, { brightness: 50 });
    expect(state('light.salon')).toMatchObject({ state: 'on', attributes: { brightness: 75 } });

    await call('light.turn_off', { entity_id: 'light.salon' });
    expect(state('light.salon_lamp')?.state).toBe('off');
    expect(state('light.salon')).toMatchObject({ state: 'off', attributes: { brightness: null } });
  });

  it('tells members before their group, and all of a scene under one context', async () => {
    const { demo, call } = aHouse();
    const seen: string[] = [];
    const context = newContext('demo');
    demo.house.onChange(({ entityId, after }) => after?.context.id === context.id && seen.push(entityId));

    await call('scene.turn_on', { entity_id: 'scene.cinema' }, {}, context);

    expect(seen).toEqual(['light.salon_etagere', 'light.salon', 'scene.cinema']);
  });

  it('lets the printer draw power when its plug is on', async () => {
    const { call, state } = aHouse();

    await call('switch.turn_on', { entity_id: 'switch.imprimante_3d' });

    expect(Number(state('sensor.puissance_imprimante_3d')?.state)).toBeGreaterThan(0);
  });

  it('moves a cover ten points a second and freezes it when told to stop', async () => {
    const { clock, call, state } = aHouse();

    await call('cover.close_cover', { entity_id: 'cover.volet_salon' });
    expect(state('cover.volet_salon')?.state).toBe('closing');
    clock.advance(3000);
    await call('cover.stop_cover', { entity_id: 'cover.volet_salon' });
    clock.advance(10_000);

    expect(state('cover.volet_salon')).toMatchObject({ state: 'open', attributes: { current_position: 70 } });
  });

  it('answers a script at its end, ignores a second start, and answers its turn_on at once', async () => {
    const { clock, call, state } = aHouse();
    let ended = false;
    const run = call('script.soiree', undefined).then(() => (ended = true));
    expect(state('light.salon_lamp')?.attributes.brightness).toBe(60);

    await call('script.soiree', undefined);
    expect(ended).toBe(false);
    clock.advance(5000);
    await run;
    expect(state('switch.tv')?.state).toBe('off');

    await call('script.turn_on', { entity_id: 'script.soiree' });
    expect(state('script.soiree')?.state).toBe('on');
  });

  it.each([
    ['an absent lamp', 'light.turn_on', { entity_id: 'light.nonsense' }],
    ['an entity of another domain', 'light.turn_on', { entity_id: 'switch.tv' }],
    ['an absent area', 'light.turn_on', { area_id: 'nonsense' }],
    ['the word none', 'light.turn_on', { entity_id: 'none' }],
    ['no target at all', 'homeassistant.toggle', undefined],
  ])('succeeds and changes nothing for %s', async (_, service, target) => {
    const { demo, call } = aHouse();
    let changes = 0;
    demo.house.onChange(() => changes++);

    await call(service, target);

    expect(changes).toBe(0);
  });

  it.each([
    ['an unknown service', 'light.nonsense', LAMP, {}, 'not_found'],
    ['an unknown key', 'light.turn_on', LAMP, { foo: 1 }, 'invalid_format'],
    ['a bad value', 'light.turn_on', LAMP, { brightness: 'bright' }, 'invalid_format'],
    ['no target', 'light.turn_on', undefined, {}, 'invalid_format'],
    ['a template', 'light.turn_on', { entity_id: '{{ 1 }}' }, {}, 'invalid_format'],
    ['a feature that is not there', 'cover.open_cover_tilt', { entity_id: 'cover.garage' }, {}, 'service_validation_error'],
    ['99 °C', 'climate.set_temperature', { entity_id: 'climate.salon' }, { temperature: 99 }, 'service_validation_error'],
    ['a delay of a minute', 'light.turn_on', LAMP, { demo_delay_ms: 60_000 }, 'invalid_format'],
  ])('refuses %s', async (_, service, target, data, code) => {
    await expect(aHouse().call(service, target, data)).rejects.toMatchObject({ code });
  });

  it.each([{ entity_id: 'all' }, { area_id: 'salon' }, { entity_id: ' Light.Salon_Lamp , light.chambre' }])(
    'reaches the lamp by %j',
    async (target) => {
      const { call, state } = aHouse();

      await call('light.turn_on', target);

      expect(state('light.salon_lamp')?.state).toBe('on');
    },
  );

  it('delays one call by what its data asks for', async () => {
    const { clock, call, state } = aHouse();

    const slow = call('light.turn_on', LAMP, { demo_delay_ms: 2000 });
    clock.advance(1999);
    expect(state('light.salon_lamp')?.state).toBe('off');
    clock.advance(1);
    await slow;

    expect(state('light.salon_lamp')?.state).toBe('on');
  });

  it('answers twenty toggles of one lamp at once with success, makes one change and leaves it on', async () => {
    const { demo, clock, call, state } = aHouse({ delayMs: 300 });
    let changes = 0;
    demo.house.onChange(({ entityId }) => (changes += Number(entityId === 'light.salon_lamp')));

    const toggles = Array.from({ length: 20 }, () => call('light.toggle', LAMP));
    await Promise.all(toggles.slice(1));
    expect(changes).toBe(0);
    clock.advance(300);
    await Promise.all(toggles);

    expect([changes, state('light.salon_lamp')?.state]).toEqual([1, 'on']);
  });

  it('lets an action of another kind run beside the first: the one that ends last wins', async () => {
    const { clock, call, state } = aHouse({ delayMs: 300 });

    const off = call('light.turn_off', LAMP);
    clock.advance(1);
    const on = call('light.turn_on', LAMP);
    clock.advance(300);
    await Promise.all([on, off]);

    expect(state('light.salon_lamp')?.state).toBe('on');
  });

  it('brings the room nearer to what its thermostat is set to with every tick', async () => {
    const { clock, call, state } = aHouse({ tickMs: 10_000 });
    await call('climate.set_temperature', { entity_id: 'climate.salon' }, { temperature: 25 });

    clock.advance(50_000);

    expect(Number(state('sensor.temperature_salon')?.state)).toBeCloseTo(22, 1);
    expect(state('climate.salon')?.attributes).toMatchObject({ current_temperature: 22, hvac_action: 'heating' });
  });
});
