import { HouseFailure, InvalidArguments } from '../failures.js';
import { type Fields, fieldsOf } from '../fields.js';
import { nearNames } from '../french.js';
import { prefixed } from '../results.js';
import type { Tool } from './tool.js';

const EVERY_DOMAIN = ['all', 'tous', 'toutes', '*'];

export const getServices: Tool = {
  name: 'get_services',
  async answer(given, house, { signal }) {
    const wanted = given.ids('domain').filter((domain) => !EVERY_DOMAIN.includes(domain));
    const detail = given.text('detail') ?? 'names';
    if (detail !== 'names' && detail !== 'fields') throw new InvalidArguments('detail', 'names ou fields attendu');
    if (detail === 'fields' && wanted.length === 0) throw new InvalidArguments('domain', 'obligatoire avec detail=fields');
    await house.connection.ready(signal);
    const catalogue = await house.services.all(signal);
    const chosen = Object.entries(wanted.length === 0 ? catalogue : only(catalogue, wanted)).sort(([a], [b]) => (a < b ? -1 : 1));
    const services = Object.fromEntries(chosen.map(([domain, known]) => [domain, detail === 'fields' ? fieldsIn(known) : namesIn(known)]));
    const total = chosen.reduce((sum, [, known]) => sum + namesIn(known).length, 0);
    return { text: prefixed('Services disponibles:', services), structured: { services, total }, warnings: given.warnings };
  },
};

function only(catalogue: Fields, wanted: readonly string[]): Fields {
  const missing = wanted.find((domain) => !Object.hasOwn(catalogue, domain));
  if (missing === undefined) return Object.fromEntries(wanted.map((domain) => [domain, catalogue[domain]]));
  const near = nearNames(
    missing,
    Object.keys(catalogue).map((id) => ({ id, name: id })),
  );
  throw new HouseFailure(
    'service_not_found',
    `aucun service dans le domaine ${missing}${near.length === 0 ? '' : `; proches: ${near.join(', ')}`}`,
  );
}

function namesIn(services: unknown): string[] {
  return Object.keys(fieldsOf(services)).sort();
}

function fieldsIn(services: unknown): Fields {
  return Object.fromEntries(
    namesIn(services).map((name) => {
      const { fields = {}, target, response } = fieldsOf(fieldsOf(services)[name]);
      return [name, { fields, ...(target === undefined ? {} : { target }), ...(response === undefined ? {} : { response }) }];
    }),
  );
}
