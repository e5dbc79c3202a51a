import { createHash } from 'node:crypto';
import type { Arguments } from '../arguments.js';
import { HouseFailure, InvalidArguments } from '../failures.js';
import { type Fields, fieldsOf, textOf } from '../fields.js';
import type { HomeAssistant } from '../home-assistant.js';
import { isInvalid, isMissing, type RestAnswer, succeeded } from '../house-rest.js';
import { prefixed, type ToolAnswer } from '../results.js';
import { waitFor } from './mirror-wait.js';
import type { Tool } from './tool.js';

const APPEARS_WITHIN_MS = 6000;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const MODES = ['single', 'restart', 'queued', 'parallel'];

export const createAutomation: Tool = {
  name: 'create_automation',
  async answer(given, house, { signal, requestId }) {
    const config = readConfig(given);
    const id = idFor(given, requestId);
    await house.connection.ready(signal);
    if (house.isAdmin === false) throw new HouseFailure('ha_forbidden', "créer une automatisation demande le jeton d'un administrateur");
    const known = entityWithId(house, id) !== undefined;
    const answer = await house.rest.post(`config/automation/config/${id}`, config, signal);
    if (isMissing(answer)) return await asYaml(id, config);
    if (!succeeded(answer)) throw refusal(answer);
    const entityId = await waitFor(house.mirror, () => entityWithId(house, id), APPEARS_WITHIN_MS);
    return written(id, config, entityId, known);
  },
};

function readConfig(given: Arguments): Fields {
  const trigger = given.objects('trigger');
  const action = given.objects('action');
  const condition = given.objects('condition');
  const description = given.text('description');
  const mode = given.text('mode');
  if (trigger === undefined || trigger.length === 0) throw new InvalidArguments('trigger', 'au moins un déclencheur est obligatoire');
  if (action === undefined || action.length === 0) throw new InvalidArguments('action', 'au moins une action est obligatoire');
  if (mode !== undefined && !MODES.includes(mode)) throw new InvalidArguments('mode', `${MODES.join(', ')} attendu`);
  return {
    alias: given.requiredText('alias'),
    ...(description === undefined ? {} : { description }),
    trigger,
    ...(condition === undefined ? {} : { condition }),
    action,
    ...(mode === undefined ? {} : { mode }),
  };
}

/** The same request has the same id, so a repetition writes the same automation again. */
function idFor(given: Arguments, requestId: string | undefined): string {
  const id = given.text('id');
  if (id !== undefined && !ID.test(id)) throw new InvalidArguments('id', 'lettres, chiffres, - et _, 64 au plus');
  if (id !== undefined) return id;
  if (requestId === undefined) return String(Date.now());
  return createHash('sha256').update(requestId).digest('hex').slice(0, 16);
}

/** One under way to its new version is `unavailable` for a moment, and does not count. */
function entityWithId(house: HomeAssistant, id: string): string | undefined {
  return house.mirror.list(['automation']).find(({ attributes, state }) => attributes.id === id && state !== 'unavailable')?.id;
}

function written(id: string, { alias }: Fields, entityId: string | undefined, known: boolean): ToolAnswer {
  const status = known ? 'updated' : entityId === undefined ? 'created_unverified' : 'created';
  const structured = { status, id, ...(entityId === undefined ? {} : { entity_id: entityId }) };
  const text = prefixed(`Automatisation '${String(alias)}' ${known ? 'mise à jour' : 'créée'} avec succès!`, structured);
  return { text, structured, warnings: entityId === undefined ? ["L'entité n'est pas encore apparue."] : [] };
}

/** This house takes no configuration from outside: its people get what to write into their file. */
async function asYaml(id: string, config: Fields): Promise<ToolAnswer> {
  // Loaded when it is needed: it would cost every start a tenth of a second.
  const { stringify } = await import('yaml');
  const text = `Automatisation '${String(config.alias)}' générée!\n\n${stringify([{ id, ...config }])}`;
  return { text, structured: { status: 'yaml_generated', id } };
}

function refusal(answer: RestAnswer): HouseFailure {
  const message = textOf(fieldsOf(answer.body).message) ?? textOf(answer.body) ?? 'Home Assistant a répondu par une erreur';
  return new HouseFailure(isInvalid(answer) ? 'invalid_automation' : 'ha_error', message);
}
