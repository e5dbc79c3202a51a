import { Scalar, stringify } from 'yaml';
import { AUTOMATION_CONFIGS } from '../../src/home-assistant-server/demo/automation-configs.js';
import { ENTITIES, FIRST_BRIGHTNESS, type FirstState, SCENES } from '../../src/home-assistant-server/demo/entities.js';

/** What the action of a lamp takes: time enough for a second call to arrive meanwhile. */
export const LAMP_ACTION_MS = 300;

const AUTOMATIONS_FILE = 'automations.yaml';
const PAUSE = { delay: { milliseconds: LAMP_ACTION_MS } };

/** The house of the demo as files of a real Home Assistant: the same ids, names, scenes and automations. */
export function configurationFiles(port: number): Readonly<Record<string, string>> {
  return { 'configuration.yaml': yaml(configuration(port)), [AUTOMATIONS_FILE]: yaml(automations()) };
}

function configuration(port: number): object {
  return {
    homeassistant: {
      name: 'Maison',
      latitude: 48.85,
      longitude: 2.35,
      elevation: 35,
      unit_system: 'metric',
      currency: 'EUR',
      country: 'FR',
      time_zone: 'Europe/Paris',
      customize: Object.fromEntries(of('climate').map(({ id, name }) => [id, { friendly_name: name }])),
    },
    http: { server_host: '127.0.0.1', server_port: port },
    recorder: { commit_interval: 1 },
    ...Object.fromEntries(['api', 'config', 'frontend', 'history', 'logbook'].map((name) => [name, null])),
    automation: include(AUTOMATIONS_FILE),
    input_boolean: { ...Object.fromEntries(ENTITIES.filter(isSwitched).map(switchBehind)), chaudiere: null, courant: { initial: true } },
    input_number: Object.fromEntries([...of('light').filter(isLamp).map(levelBehind), ...of('cover').map(positionBehind), thermometer()]),
    light: [{ platform: 'template', lights: byName(of('light').filter(isLamp), lamp) }, ...of('light').filter(isGroup).map(group)],
    switch: [{ platform: 'template', switches: byName(of('switch'), plug) }],
    cover: [{ platform: 'template', covers: byName(of('cover'), cover) }],
    climate: of('climate').map(thermostat),
    template: [{ sensor: of('sensor').map(sensor) }, { binary_sensor: of('binary_sensor').map(contact) }],
    scene: of('scene').map(scene),
    script: SCRIPTS,
  };
}

/** `bilan` is no part of the demo house: it answers with data, as some services of a real house do. */
const SCRIPTS = {
  soiree: {
    alias: 'Soirée',
    mode: 'single',
    sequence: [
      { service: 'light.turn_on', target: { entity_id: 'light.salon_lamp' }, data: { brightness: 60 } },
      { delay: 5 },
      { service: 'switch.turn_off', target: { entity_id: 'switch.tv' } },
    ],
  },
  bilan: {
    alias: 'Bilan',
    sequence: [{ variables: { bilan: { tele: "{{ states('switch.tv') }}" } } }, { stop: 'fini', response_variable: 'bilan' }],
  },
};

function lamp(entity: FirstState): object {
  const [on, level] = [helper('input_boolean', entity), helper('input_number', entity)];
  const light = { service: 'input_boolean.turn_on', target: { entity_id: on } };
  const brightness = { service: 'input_number.set_value', target: { entity_id: level }, data: { value: '{{ brightness }}' } };
  return {
    ...named(entity),
    value_template: isOn(on),
    level_template: `{{ states('${level}') | int(0) }}`,
    turn_on: [PAUSE, light],
    turn_off: [PAUSE, { service: 'input_boolean.turn_off', target: { entity_id: on } }],
    set_level: [PAUSE, brightness, light],
  };
}

function group({ id, name, attributes }: FirstState): object {
  return { platform: 'group', name, unique_id: id, entities: attributes.entity_id };
}

/** Without it every plug is unavailable. */
const MAINS = 'input_boolean.courant';

function plug(entity: FirstState): object {
  const target = { entity_id: helper('input_boolean', entity) };
  return {
    ...named(entity),
    value_template: isOn(target.entity_id),
    availability_template: isOn(MAINS),
    turn_on: { service: 'input_boolean.turn_on', target },
    turn_off: { service: 'input_boolean.turn_off', target },
  };
}

function cover(entity: FirstState): object {
  const position = helper('input_number', entity);
  const move = (value: string | number) => ({ service: 'input_number.set_value', target: { entity_id: position }, data: { value } });
  return {
    ...named(entity),
    device_class: entity.attributes.device_class,
    position_template: `{{ states('${position}') | int(0) }}`,
    open_cover: move(100),
    close_cover: move(0),
    set_cover_position: move('{{ position }}'),
    stop_cover: [],
  };
}

function thermostat({ id, attributes }: FirstState): object {
  return {
    platform: 'generic_thermostat',
    name: objectOf(id),
    unique_id: id,
    heater: 'input_boolean.chaudiere',
    target_sensor: THERMOMETER,
    min_temp: attributes.min_temp,
    max_temp: attributes.max_temp,
    target_temp: attributes.temperature,
    initial_hvac_mode: 'heat',
  };
}

const THERMOMETER = 'sensor.temperature_salon';
const MEASURED = 'input_number.temperature_salon';

function thermometer(): [string, object] {
  const { state } = ENTITIES.find(({ id }) => id === THERMOMETER) ?? { state: '0' };
  return [objectOf(MEASURED), { min: -30, max: 50, step: 0.1, initial: Number(state) }];
}

function sensor({ id, name, state, attributes }: FirstState): object {
  const { unit_of_measurement, device_class, state_class } = attributes;
  return { name, unique_id: id, unit_of_measurement, device_class, state_class, state: measured(id, state) };
}

function measured(id: string, state: string): string {
  if (id === THERMOMETER) return `{{ states('${MEASURED}') }}`;
  return id === 'sensor.puissance_imprimante_3d' ? "{{ 120 if is_state('switch.imprimante_3d', 'on') else 0 }}" : state;
}

function contact(entity: FirstState): object {
  const { id, name, attributes } = entity;
  return { name, unique_id: id, device_class: attributes.device_class, state: isOn(helper('input_boolean', entity)) };
}

function scene({ id, name }: FirstState): object {
  return { id: objectOf(id), name, entities: SCENES[id] };
}

function automations(): object[] {
  return Object.entries(AUTOMATION_CONFIGS).map(([id, config]) => ({ id, ...config }));
}

function of(domain: string): readonly FirstState[] {
  return ENTITIES.filter(({ id }) => id.startsWith(`${domain}.`));
}

function isGroup({ attributes }: FirstState): boolean {
  return attributes.entity_id !== undefined;
}

function isLamp(entity: FirstState): boolean {
  return !isGroup(entity);
}

function isSwitched(entity: FirstState): boolean {
  return ['light', 'switch', 'binary_sensor'].includes(domainOf(entity.id)) && !isGroup(entity);
}

function switchBehind(entity: FirstState): [string, object] {
  return [objectOf(helper('input_boolean', entity)), { initial: entity.state === 'on' }];
}

function levelBehind(entity: FirstState): [string, object] {
  const initial = entity.attributes.brightness ?? FIRST_BRIGHTNESS;
  return [objectOf(helper('input_number', entity)), { min: 0, max: 255, initial }];
}

function positionBehind(entity: FirstState): [string, object] {
  return [objectOf(helper('input_number', entity)), { min: 0, max: 100, initial: entity.attributes.current_position }];
}

/** What a template entity switches: an entity of Home Assistant's own that does nothing but remember. */
function helper(kind: 'input_boolean' | 'input_number', { id }: FirstState): string {
  return `${kind}.${id.replace('.', '_')}`;
}

function named({ id, name }: FirstState): object {
  return { friendly_name: name, unique_id: id };
}

function byName(entities: readonly FirstState[], make: (entity: FirstState) => object): object {
  return Object.fromEntries(entities.map((entity) => [objectOf(entity.id), make(entity)]));
}

function isOn(id: string): string {
  return `{{ is_state('${id}', 'on') }}`;
}

function domainOf(id: string): string {
  return id.split('.')[0] ?? '';
}

function objectOf(id: string): string {
  return id.split('.')[1] ?? '';
}

function include(file: string): Scalar {
  const scalar = new Scalar(file);
  scalar.tag = '!include';
  return scalar;
}

/** Home Assistant reads YAML 1.1, where a bare `on` is a truth value. */
function yaml(document: object): string {
  return stringify(document, { version: '1.1', aliasDuplicateObjects: false });
}
