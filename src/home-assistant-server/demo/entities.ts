import type { Fields } from '../fields.js';

/** An entity as the house starts with it. */
export interface FirstState {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly attributes: Fields;
  readonly area?: string;
  readonly device?: string;
}

export const AREAS = [
  { area_id: 'salon', name: 'Salon' },
  { area_id: 'cuisine', name: 'Cuisine' },
  { area_id: 'chambre', name: 'Chambre' },
  { area_id: 'entree', name: 'Entrée' },
  { area_id: 'exterieur', name: 'Extérieur' },
] as const;

/** The printer's plug and its meter are one device; both get their area from it. */
export const DEVICES = [{ id: 'imprimante_3d', name: 'Imprimante 3D', area_id: 'chambre', labels: [] }] as const;

export const SCENES: Readonly<Record<string, Readonly<Record<string, SceneMember>>>> = {
  'scene.cinema': {
    'light.salon_lamp': { state: 'off' },
    'light.salon_etagere': { state: 'on', brightness: 40 },
    'switch.tv': { state: 'on' },
  },
  'scene.nuit': {
    'light.salon_lamp': { state: 'off' },
    'light.salon_etagere': { state: 'off' },
    'light.cuisine': { state: 'off' },
    'light.chambre': { state: 'off' },
    'switch.tv': { state: 'off' },
    'switch.imprimante_3d': { state: 'off' },
  },
};

export interface SceneMember {
  readonly state: string;
  readonly brightness?: number;
}

/** What the lamps, without a level of their own yet, light up with. */
export const FIRST_BRIGHTNESS = 128;

const SALON_LAMPS = ['light.salon_lamp', 'light.salon_etagere'];

export const ENTITIES: readonly FirstState[] = [
  lamp('salon_lamp', 'Lampe Salon', 'salon'),
  lamp('salon_etagere', 'Étagère Salon', 'salon'),
  { ...lamp('salon', 'Salon', 'salon'), attributes: { ...dark('brightness'), entity_id: SALON_LAMPS } },
  {
    ...lamp('cuisine', 'Plafonnier Cuisine', 'cuisine'),
    state: 'on',
    attributes: { ...dark('color_temp'), brightness: 180, color_mode: 'color_temp', color_temp_kelvin: 3000 },
  },
  lamp('chambre', 'Lampe Chambre', 'chambre'),

  { id: 'switch.tv', name: 'TV', state: 'on', attributes: {}, area: 'salon' },
  { id: 'switch.cuisine', name: 'Prise Cuisine', state: 'off', attributes: { device_class: 'outlet' }, area: 'cuisine' },
  { id: 'switch.imprimante_3d', name: 'Imprimante 3D', state: 'off', attributes: { device_class: 'outlet' }, device: 'imprimante_3d' },
  { id: 'switch.refrigerateur', name: 'Réfrigérateur', state: 'on', attributes: { device_class: 'outlet' }, area: 'cuisine' },

  { ...sensor('temperature_salon', 'Température Salon', '21.5', 'temperature', '°C'), area: 'salon' },
  { ...sensor('humidite_salon', 'Humidité Salon', '48', 'humidity', '%'), area: 'salon' },
  { ...sensor('temperature_exterieure', 'Température Extérieure', '9.0', 'temperature', '°C'), area: 'exterieur' },
  { ...sensor('puissance_imprimante_3d', 'Puissance Imprimante 3D', '0', 'power', 'W'), device: 'imprimante_3d' },

  { id: 'binary_sensor.porte_entree', name: 'Porte Entrée', state: 'off', attributes: { device_class: 'door' }, area: 'entree' },
  { id: 'binary_sensor.mouvement_salon', name: 'Mouvement Salon', state: 'off', attributes: { device_class: 'motion' }, area: 'salon' },

  {
    id: 'climate.salon',
    name: 'Chauffage Salon',
    state: 'heat',
    attributes: {
      hvac_modes: ['off', 'heat', 'auto'],
      min_temp: 7,
      max_temp: 35,
      target_temp_step: 0.5,
      current_temperature: 21.5,
      temperature: 20.5,
      hvac_action: 'idle',
    },
    area: 'salon',
  },
  {
    id: 'cover.volet_salon',
    name: 'Volet Salon',
    state: 'open',
    attributes: { current_position: 100, device_class: 'shutter' },
    area: 'salon',
  },
  { id: 'cover.garage', name: 'Garage', state: 'closed', attributes: { current_position: 0, device_class: 'garage' }, area: 'exterieur' },

  scene('cinema', 'Cinéma'),
  scene('nuit', 'Nuit'),
  { id: 'script.soiree', name: 'Soirée', state: 'off', attributes: { last_triggered: null, mode: 'single', current: 0 } },
  automation('coupure_imprimante_3d', 'Coupure imprimante 3D', 'coupure'),
  automation('alerte_refrigerateur', 'Alerte réfrigérateur', 'alerte'),
];

function lamp(id: string, name: string, area: string): FirstState {
  return { id: `light.${id}`, name, state: 'off', attributes: dark('brightness'), area };
}

function dark(mode: 'brightness' | 'color_temp'): Fields {
  const warmth = mode === 'color_temp' ? { min_color_temp_kelvin: 2202, max_color_temp_kelvin: 6535, color_temp_kelvin: null } : {};
  return { supported_color_modes: [mode], color_mode: null, brightness: null, ...warmth };
}

function sensor(id: string, name: string, state: string, device_class: string, unit_of_measurement: string): FirstState {
  return { id: `sensor.${id}`, name, state, attributes: { state_class: 'measurement', unit_of_measurement, device_class } };
}

function scene(id: string, name: string): FirstState {
  const members = Object.keys(SCENES[`scene.${id}`] ?? {});
  return { id: `scene.${id}`, name, state: 'unknown', attributes: { entity_id: members, id } };
}

function automation(slug: string, name: string, id: string): FirstState {
  return { id: `automation.${slug}`, name, state: 'on', attributes: { id, last_triggered: null, mode: 'single', current: 0 } };
}
