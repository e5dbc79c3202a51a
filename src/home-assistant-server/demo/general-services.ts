import type { ServiceRegistry } from './services.js';
import { object, required, type Service, type Services, text } from './service.js';

/** `homeassistant.turn_on` and its like: hands every target to the service of its own domain that has this name. */
export function generalServices(registry: ServiceRegistry): Services {
  const forward = (name: string): Service => ({
    target: 'optional',
    anyDomain: true,
    fields: {},
    async run({ targets, context }) {
      const catalogue = registry.describe();
      const able = targets.filter((id) => catalogue[domainOf(id)]?.[name] !== undefined);
      await Promise.all(able.map((id) => registry.call(domainOf(id), name, {}, { entity_id: id }, context)));
    },
  });
  const update: Service = { target: 'optional', anyDomain: true, fields: {}, run: () => undefined };
  return { turn_on: forward('turn_on'), turn_off: forward('turn_off'), toggle: forward('toggle'), update_entity: update };
}

/** Messages to people; the demo house has nobody to show them to. */
export const persistentNotification: Services = {
  create: { target: 'none', fields: { message: required(text), title: text, notification_id: text }, run: () => undefined },
  dismiss: { target: 'none', fields: { notification_id: required(text) }, run: () => undefined },
};

export const notify: Services = {
  notify: { target: 'none', fields: { message: required(text), title: text, target: object, data: object }, run: () => undefined },
};

function domainOf(entityId: string): string {
  return entityId.split('.')[0] ?? '';
}
