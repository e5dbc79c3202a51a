import type { Entity } from '../entity.js';
import type { EntityMirror } from '../entity-mirror.js';
import { beforeSending } from '../failures.js';
import { nearNames } from '../french.js';
import { named } from '../targets.js';
import { notFound } from './entity-lookup.js';
import { waitFor } from './mirror-wait.js';
import type { Tool } from './tool.js';

const AGREES_WITHIN_MS = 2000;

export const toggleAutomation: Tool = {
  name: 'toggle_automation',
  async answer(given, house, { signal }) {
    const wanted = given.requiredText('automation_id');
    const enable = given.boolean('enable', true);
    const { id } = automationIn(await beforeSending(() => house.states(signal)), wanted);
    const order = { domain: 'automation', service: enable ? 'turn_on' : 'turn_off', service_data: {}, target: { entity_id: [id] } };
    await house.connection.write('call_service', order, signal);
    const state = enable ? 'on' : 'off';
    const agrees = await waitFor(house.mirror, (mirror) => mirror.get(id)?.state === state || undefined, AGREES_WITHIN_MS);
    return {
      text: `Automatisation ${id} ${enable ? 'activée' : 'désactivée'} avec succès!`,
      structured: { entity_id: id, action: enable ? 'enabled' : 'disabled' },
      warnings: [...given.warnings, ...(agrees === true ? [] : [`${id} n'a pas encore confirmé l'état ${state}.`])],
    };
  },
};

/** By entity id, with or without its domain, or by the id of its configuration. */
function automationIn(mirror: EntityMirror, wanted: string): Entity {
  const id = wanted.toLowerCase();
  const automations = mirror.list(['automation']);
  const found =
    automations.find((automation) => automation.id === id || automation.id === `automation.${id}`) ??
    automations.find(({ attributes }) => attributes.id === wanted);
  if (found !== undefined) return found;
  const near = nearNames(
    wanted,
    named(mirror).filter((entity) => entity.id.startsWith('automation.')),
  );
  throw notFound(`l'automatisation ${wanted} n'existe pas`, near);
}
