import type { DemoHouse } from '../../../src/home-assistant-server/demo/demo-house.js';
import { decimal, required, type Service, text } from '../../../src/home-assistant-server/demo/service.js';
import { type Fields, fieldsOf } from '../../../src/home-assistant-server/fields.js';
import type { Version } from '../../home-assistant/versions.js';
import type { Fault } from './faults.js';

/** Where a version of Home Assistant differs from the demo house, which speaks like 2025.4.4. */
export interface Dialect {
  /** Told at the login in place of the demo house's own. */
  readonly version?: string;
  /** Registries of whose changes a plain user hears nothing. */
  readonly registriesForAdmins: readonly string[];
  /** What only this version says no to, or says in its own way. */
  faultOf(command: string, message: Fields): Fault | undefined;
  /** What only this version's house does. */
  teach(demo: DemoHouse): void;
}

const OLD_VERSION = '2024.3.3-demo';

export const DIALECTS: Readonly<Record<Version, Dialect>> = {
  '2024.3.3': {
    version: OLD_VERSION,
    registriesForAdmins: ['label', 'floor'],
    faultOf: oldFaultOf,
    teach: (demo) => demo.services.add('climate', { set_temperature: obedientThermostat(demo) }),
  },
  '2025.4.4': { registriesForAdmins: [], faultOf: () => undefined, teach: () => undefined },
};

function oldFaultOf(command: string, message: Fields): Fault | undefined {
  switch (command) {
    case 'get_config':
      return { as: 'edit', edit: (config) => ({ ...(config as object), version: OLD_VERSION }) };
    case 'call_service':
      return oldRefusalOf(message);
    default:
      return undefined;
  }
}

function oldRefusalOf({ domain, service, service_data: data, target, return_response: wantsResponse }: Fields): Fault | undefined {
  const unknownTarget = ['label_id', 'floor_id'].find((key) => key in fieldsOf(target) || key in fieldsOf(data));
  if (unknownTarget !== undefined) return refusal('invalid_format', `extra keys not allowed @ data['${unknownTarget}']`);
  if (wantsResponse === true) return refusal('unknown_error', 'Invalid argument return_response=True');
  if (domain === 'cover' && String(service).endsWith('_tilt'))
    return refusal('home_assistant_error', 'The cover does not support this service.');
  return undefined;
}

function refusal(code: string, message: string): Fault {
  return { as: 'refuse', code, message };
}

/** Takes any temperature, in the range that it shows or not. */
function obedientThermostat({ house, services }: DemoHouse): Service {
  return {
    target: 'required',
    fields: { temperature: required(decimal(-100, 200)), hvac_mode: text },
    async run({ targets, data: { temperature, hvac_mode: mode }, context }) {
      for (const id of targets) house.set(id, { attributes: { temperature: Number(temperature) } }, context);
      if (mode !== undefined) await services.call('climate', 'set_hvac_mode', { hvac_mode: mode }, { entity_id: targets }, context);
    },
  };
}
