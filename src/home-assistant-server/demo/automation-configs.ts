import type { Fields } from '../fields.js';

/** What the house's own automations say, by configuration id. */
export const AUTOMATION_CONFIGS: Readonly<Record<string, Fields>> = {
  coupure: {
    alias: 'Coupure imprimante 3D',
    trigger: [{ platform: 'state', entity_id: 'switch.imprimante_3d', to: 'on', for: '03:00:00' }],
    condition: [],
    action: [{ service: 'switch.turn_off', target: { entity_id: 'switch.imprimante_3d' } }],
    mode: 'single',
  },
  alerte: {
    alias: 'Alerte réfrigérateur',
    trigger: [{ platform: 'state', entity_id: 'switch.refrigerateur', to: 'off' }],
    condition: [],
    action: [{ service: 'persistent_notification.create', data: { message: 'Réfrigérateur éteint' } }],
    mode: 'single',
  },
};
