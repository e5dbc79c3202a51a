import type { Fields } from '../../../src/home-assistant-server/fields.js';
import type { Dialect } from './dialect.js';
import type { Fault } from './faults.js';

const FREE_EVENTS = ['state_changed', 'service_registered', 'service_removed'];
const REGISTRIES = ['area', 'device', 'entity', 'label', 'floor'];
/** Services that reload or restart are for administrators; the rest is for everybody. */
const ADMINS_SERVICE = /^(reload|restart|stop)$/;

/** What becomes of a command because its user is no administrator. */
export function plainUsersFault(command: string, message: Fields, { registriesForAdmins }: Dialect): Fault | undefined {
  switch (command) {
    case 'auth/current_user':
      return { as: 'edit', edit: (user) => ({ ...(user as object), is_admin: false }) };
    case 'subscribe_events':
      return mayHear(message.event_type, registriesForAdmins) ? undefined : { ...FORBIDDEN, code: 'unauthorized' };
    case 'call_service':
      return ADMINS_SERVICE.test(String(message.service)) ? { ...FORBIDDEN, code: 'home_assistant_error' } : undefined;
    default:
      return /^config\/.*\/(create|update|delete)$/.test(command) ? { ...FORBIDDEN, code: 'unauthorized' } : undefined;
  }
}

const FORBIDDEN = { as: 'refuse', message: 'Unauthorized' } as const;

function mayHear(event: unknown, registriesForAdmins: readonly string[]): boolean {
  const registries = REGISTRIES.filter((name) => !registriesForAdmins.includes(name)).map((name) => `${name}_registry_updated`);
  return [...FREE_EVENTS, ...registries].includes(String(event));
}
