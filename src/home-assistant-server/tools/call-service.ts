import type { Arguments } from '../arguments.js';
import { updatedAt } from '../entity.js';
import type { EntityMirror } from '../entity-mirror.js';
import { beforeSending, HouseFailure, InvalidArguments } from '../failures.js';
import { type Fields, fieldsOf, textOf } from '../fields.js';
import { nearNames } from '../french.js';
import type { HomeAssistant } from '../home-assistant.js';
import { json, type ToolAnswer } from '../results.js';
import { withinMs } from '../within-ms.js';
import { changesDuring } from './changes-during.js';
import { readTarget } from './service-target.js';
import type { Call, Tool } from './tool.js';

/** Home Assistant never answers these: it is gone at once. */
const ENDS_THE_CONNECTION = ['homeassistant.restart', 'homeassistant.stop'];
const FOLLOWED_WITHIN_MS = 1000;

interface Order {
  readonly domain: string;
  readonly service: string;
  readonly data: Fields;
  readonly target: Fields;
  readonly wantsResponse: boolean;
}

export const callService: Tool = {
  name: 'call_service',
  async answer(given, house, { signal }) {
    const { order, warnings } = await beforeSending(() => readOrder(given, house, signal));
    return run(order, [...given.warnings, ...warnings], house, signal);
  },
};

async function readOrder(
  given: Arguments,
  house: HomeAssistant,
  signal: AbortSignal,
): Promise<{ order: Order; warnings: readonly string[] }> {
  const [domain, service] = serviceNamed(given);
  await house.connection.ready(signal);
  const known = await house.services.find(domain, service, signal);
  if (known === undefined) throw await unknownService(house, domain, service, signal);
  const { target, data, warnings } = await readTarget(given, house, signal);
  return { order: { domain, service, data, target, wantsResponse: known.response !== undefined }, warnings };
}

async function run(order: Order, warnings: readonly string[], house: HomeAssistant, signal: Call['signal']): Promise<ToolAnswer> {
  const name = `${order.domain}.${order.service}`;
  const changes = changesDuring(house.mirror);
  try {
    const { context, response } = fieldsOf(await send(order, house, signal));
    await followersHeard(house, signal);
    const contextId = textOf(fieldsOf(context).id) ?? null;
    const changed = changes.causedBy(contextId).map((id) => row(house.mirror, id));
    return answer(name, order.target, changed, warnings, { context_id: contextId, ...(order.wantsResponse ? { response } : {}) });
  } catch (error) {
    const expected = error instanceof HouseFailure && error.code === 'ha_outcome_unknown' && ENDS_THE_CONNECTION.includes(name);
    if (!expected) throw error;
    return answer(name, order.target, [], [...warnings, 'Home Assistant a fermé la connexion sans répondre, comme attendu.'], {
      context_id: null,
    });
  } finally {
    changes.end();
  }
}

function send({ domain, service, data, target, wantsResponse }: Order, house: HomeAssistant, signal: AbortSignal): Promise<unknown> {
  const fields = { domain, service, service_data: data, ...(Object.keys(target).length === 0 ? {} : { target }) };
  return house.connection.write('call_service', { ...fields, ...(wantsResponse ? { return_response: true } : {}) }, signal);
}

/**
 * A template entity may follow what it shows just after the result: what was on its way then is here one question later.
 * The write has been answered, whatever becomes of the question.
 */
async function followersHeard(house: HomeAssistant, signal: AbortSignal): Promise<void> {
  await withinMs(FOLLOWED_WITHIN_MS, signal, (soon) => house.connection.barrier(soon)).catch(() => undefined);
}

function answer(service: string, targets: Fields, changed: readonly object[], warnings: readonly string[], more: object): ToolAnswer {
  return {
    text: `Service ${service} appelé avec succès.\nRéponse: ${json(changed)}`,
    structured: { service, targets, changed, ...more, ...(warnings.length === 0 ? {} : { warnings }) },
    warnings,
  };
}

function row(mirror: EntityMirror, id: string): object {
  const entity = mirror.get(id);
  if (entity === undefined) return { entity_id: id, state: null, last_updated: null };
  return { entity_id: id, state: entity.state, last_updated: updatedAt(entity) };
}

/** `light` and `turn_on`, also when the service was given as `light.turn_on`. */
function serviceNamed(given: Arguments): [domain: string, service: string] {
  const domain = given.requiredText('domain').toLowerCase();
  const words = given.requiredText('service').toLowerCase().split('.');
  const service = words.at(-1) ?? '';
  if (words.length > 2 || (words.length === 2 && words[0] !== domain))
    throw new InvalidArguments('service', `n'est pas un service de ${domain}`);
  return [domain, service];
}

async function unknownService(house: HomeAssistant, domain: string, service: string, signal: AbortSignal): Promise<HouseFailure> {
  const catalogue = await house.services.all(signal);
  const all = Object.entries(catalogue).flatMap(([known, services]) => Object.keys(fieldsOf(services)).map((name) => `${known}.${name}`));
  const near = nearNames(
    `${domain}.${service}`,
    all.map((id) => ({ id, name: id })),
  );
  const advice = near.length === 0 ? '' : `; proches: ${near.join(', ')}`;
  return new HouseFailure('service_not_found', `le service ${domain}.${service} n'existe pas${advice}`);
}
