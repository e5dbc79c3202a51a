import type { Arguments } from '../arguments.js';
import { HouseFailure, InvalidArguments } from '../failures.js';
import { type Fields, fieldsOf, listOf, textOf } from '../fields.js';
import { isoOf } from '../house-time.js';
import type { HomeAssistant } from '../home-assistant.js';
import { isInvalid, succeeded } from '../house-rest.js';
import { fitting, prefixed } from '../results.js';
import { entityIn } from './entity-lookup.js';
import type { Tool } from './tool.js';

const MAX_IDS = 50;
const HOUR_MS = 3_600_000;

interface Row {
  readonly entity_id: string;
  readonly state: string;
  readonly last_changed: string;
}

export const getHistory: Tool = {
  name: 'get_history',
  async answer(given, house, { signal }) {
    const ids = given.requiredIds('entity_id');
    if (ids.length > MAX_IDS) throw new InvalidArguments('entity_id', `${MAX_IDS} entités au plus`);
    const hours = given.number('hours', { max: 240, otherwise: 24 });
    if (hours <= 0) throw new InvalidArguments('hours', 'doit être supérieur à 0');
    const limit = given.integer('limit', { min: 1, max: 5000, otherwise: 500 });
    const end = endOf(given);
    const start = new Date(end.getTime() - hours * HOUR_MS);
    const mirror = await house.states(signal);
    for (const id of ids) entityIn(mirror, id);
    const rows = await changes(house, ids, start, end, signal);
    const kept = newest(rows, limit, house.settings.maxResultBytes);
    const entity_id = ids.join(',');
    const structured = {
      entity_id,
      hours,
      start: isoOf(start.getTime() / 1000),
      end: isoOf(end.getTime() / 1000),
      count: kept.length,
      truncated: kept.length < rows.length,
      states: kept,
    };
    return { text: prefixed(`Historique de ${entity_id} (${hours}h):`, kept), structured, warnings: given.warnings };
  },
};

function endOf(given: Arguments): Date {
  const text = given.text('end');
  const end = text === undefined ? new Date() : new Date(text);
  if (Number.isNaN(end.getTime())) throw new InvalidArguments('end', 'date ISO 8601 attendue');
  return end;
}

async function changes(house: HomeAssistant, ids: readonly string[], start: Date, end: Date, signal: AbortSignal): Promise<Row[]> {
  const query = new URLSearchParams({ filter_entity_id: ids.join(','), end_time: end.toISOString() });
  const answer = await house.rest.get(`history/period/${start.toISOString()}?${query.toString()}&minimal_response&no_attributes`, signal);
  if (!succeeded(answer)) {
    const message = textOf(fieldsOf(answer.body).message) ?? textOf(answer.body) ?? '';
    throw new HouseFailure(isInvalid(answer) ? 'invalid_service_data' : 'ha_error', `historique refusé: ${message}`);
  }
  const rows = listOf(answer.body).flatMap((series) => rowsOf(listOf(series).map(fieldsOf)));
  return rows.sort((a, b) => Date.parse(a.last_changed) - Date.parse(b.last_changed));
}

/** Only the first row of a series names its entity; rows that tell no new state are dropped. */
function rowsOf(series: readonly Fields[]): Row[] {
  const id = textOf(series[0]?.entity_id) ?? '';
  const rows = series.map(({ state, last_changed: at }) => ({ entity_id: id, state: String(state), last_changed: String(at) }));
  return rows.filter(({ state }, index) => index === 0 || rows[index - 1]?.state !== state);
}

function newest(rows: readonly Row[], limit: number, maxBytes: number): readonly Row[] {
  const last = rows.slice(-limit);
  const fits = fitting(last.toReversed(), maxBytes);
  return fits === 0 ? [] : last.slice(-fits);
}
