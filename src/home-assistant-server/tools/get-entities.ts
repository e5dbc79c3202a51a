import type { Arguments } from '../arguments.js';
import { type Entity, nameOf, updatedAt } from '../entity.js';
import { fold, nearNames } from '../french.js';
import type { HomeAssistant } from '../home-assistant.js';
import { prefixed } from '../results.js';
import { findPlace } from '../targets.js';
import { notFound } from './entity-lookup.js';
import { pageOf, readPaging } from './paging.js';
import type { Tool } from './tool.js';

const EVERY_DOMAIN = ['all', 'tous', 'toutes', '*'];

export const getEntities: Tool = {
  name: 'get_entities',
  async answer(given, house, { signal }) {
    const paging = readPaging(given);
    const mirror = await house.states(signal);
    const searched = fold(given.text('search') ?? '');
    const inArea = await areaFilter(given, house, signal);
    const found = mirror.list(domainsOf(given)).filter((entity) => inArea(entity.id) && matches(entity, searched));
    const page = pageOf(found, row, paging, house.settings.maxResultBytes);
    const { rows, ...rest } = page;
    const structured = { total: found.length, entities: rows, ...rest };
    return { text: prefixed(`Trouvé ${found.length} entités:`, structured), structured, warnings: given.warnings };
  },
};

/** Undefined: of every domain. */
function domainsOf(given: Arguments): readonly string[] | undefined {
  const domains = given.ids('domain');
  return domains.length === 0 || domains.some((domain) => EVERY_DOMAIN.includes(domain)) ? undefined : domains;
}

async function areaFilter(given: Arguments, house: HomeAssistant, signal: AbortSignal): Promise<(id: string) => boolean> {
  const wanted = given.text('area');
  if (wanted === undefined) return () => true;
  const { area_id: areas } = await house.targets.places(signal);
  const area = findPlace(areas, wanted);
  if (area === undefined) throw notFound(`la pièce ${wanted} n'existe pas`, nearNames(wanted, areas));
  return (id) => area.entities.has(id);
}

function matches(entity: Entity, searched: string): boolean {
  return searched === '' || fold(entity.id).includes(searched) || fold(nameOf(entity)).includes(searched);
}

function row(entity: Entity): object {
  return { entity_id: entity.id, state: entity.state, friendly_name: nameOf(entity), last_updated: updatedAt(entity) };
}
