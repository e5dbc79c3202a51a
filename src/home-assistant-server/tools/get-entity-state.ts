import type { Entity } from '../entity.js';
import { isoOf } from '../house-time.js';
import { json } from '../results.js';
import { entityIn } from './entity-lookup.js';
import type { Tool } from './tool.js';

export const getEntityState: Tool = {
  name: 'get_entity_state',
  async answer(given, house, { signal }) {
    const id = given.requiredText('entity_id').toLowerCase();
    const state = whole(entityIn(await house.states(signal), id));
    return { text: json(state), structured: state };
  },
};

function whole({ id, state, attributes, lastChanged, lastUpdated, context }: Entity): object {
  return { entity_id: id, state, attributes, last_changed: isoOf(lastChanged), last_updated: isoOf(lastUpdated), context };
}
