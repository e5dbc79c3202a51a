import { prefixed } from '../results.js';
import { type Entity, nameOf } from '../entity.js';
import { pageOf, readPaging } from './paging.js';
import type { Tool } from './tool.js';

export const listAutomations: Tool = {
  name: 'list_automations',
  async answer(given, house, { signal }) {
    const paging = readPaging(given);
    const all = (await house.states(signal)).list(['automation']);
    const { rows, ...rest } = pageOf(all, row, paging, house.settings.maxResultBytes);
    const text = all.length === 0 ? 'Aucune automatisation trouvée.' : prefixed(`Trouvé ${all.length} automatisations:`, rows);
    return { text, structured: { total: all.length, automations: rows, ...rest }, warnings: given.warnings };
  },
};

/** `id` is null for one written by hand without an id. */
function row(entity: Entity): object {
  const { id = null, last_triggered: lastTriggered = null, mode = null } = entity.attributes;
  return { entity_id: entity.id, id, state: entity.state, friendly_name: nameOf(entity), last_triggered: lastTriggered, mode };
}
