import type { Entity } from '../entity.js';
import type { EntityMirror } from '../entity-mirror.js';
import { HouseFailure } from '../failures.js';
import { nearNames } from '../french.js';
import { named } from '../targets.js';

/** @throws HouseFailure entity_not_found with ids that may have been meant */
export function entityIn(mirror: EntityMirror, id: string): Entity {
  const entity = mirror.get(id);
  if (entity !== undefined) return entity;
  throw notFound(`l'entité ${id} n'existe pas`, nearNames(id, named(mirror)));
}

export function notFound(what: string, near: readonly string[]): HouseFailure {
  const advice = near.length === 0 ? '' : `; proches: ${near.join(', ')}`;
  return new HouseFailure('entity_not_found', what + advice);
}
