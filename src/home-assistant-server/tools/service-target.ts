import { type Arguments, idsOf } from '../arguments.js';
import { InvalidArguments } from '../failures.js';
import type { Fields } from '../fields.js';
import { nearNames } from '../french.js';
import type { HomeAssistant } from '../home-assistant.js';
import { PLACE_KEYS, type Place, type PlaceKey } from '../places.js';
import { findPlace } from '../targets.js';
import { entityIn, notFound } from './entity-lookup.js';

const WORDS = ['all', 'none'];
const KINDS: Readonly<Record<PlaceKey, string>> = {
  area_id: 'la pièce',
  device_id: "l'appareil",
  label_id: "l'étiquette",
  floor_id: "l'étage",
};

interface Aim {
  readonly target: Fields;
  /** What remains of `data` once the target is taken out. */
  readonly data: Fields;
  readonly warnings: readonly string[];
}

/**
 * What a call is aimed at. Everything named must exist, or nothing is sent: Home Assistant would answer success.
 * @throws HouseFailure entity_not_found
 */
export async function readTarget(given: Arguments, house: HomeAssistant, signal: AbortSignal): Promise<Aim> {
  const { entity_id: inner, area_id, device_id, label_id, floor_id, ...data } = given.object('data');
  const { ids, warnings } = chooseEntities(given.ids('entity_id'), idsOf(inner, 'data.entity_id'));
  const unavailable = await checkEntities(ids, house, signal);
  const named: Readonly<Record<PlaceKey, readonly string[]>> = {
    area_id: namesOf(area_id, 'area_id'),
    device_id: namesOf(device_id, 'device_id'),
    label_id: namesOf(label_id, 'label_id'),
    floor_id: namesOf(floor_id, 'floor_id'),
  };
  const places = await resolvePlaces(named, house, signal);
  return { target: { ...(ids.length === 0 ? {} : { entity_id: ids }), ...places }, data, warnings: [...warnings, ...unavailable] };
}

function chooseEntities(outer: readonly string[], inner: readonly string[]): { ids: readonly string[]; warnings: readonly string[] } {
  if (outer.length === 0) return { ids: inner, warnings: [] };
  const differ = inner.length > 0 && inner.join() !== outer.join();
  return { ids: outer, warnings: differ ? [`data.entity_id (${inner.join(', ')}) ignoré: entity_id l'emporte.`] : [] };
}

/** Says which of them are unavailable. */
async function checkEntities(ids: readonly string[], house: HomeAssistant, signal: AbortSignal): Promise<string[]> {
  const named = ids.filter((id) => !WORDS.includes(id));
  if (named.length === 0) return [];
  const mirror = await house.states(signal);
  const entities = named.map((id) => entityIn(mirror, id));
  return entities.filter(({ state }) => state === 'unavailable').map(({ id }) => `${id} est indisponible; l'ordre peut rester sans effet.`);
}

async function resolvePlaces(
  named: Readonly<Record<PlaceKey, readonly string[]>>,
  house: HomeAssistant,
  signal: AbortSignal,
): Promise<Partial<Record<PlaceKey, string[]>>> {
  const keys = PLACE_KEYS.filter((key) => named[key].length > 0);
  if (keys.length === 0) return {};
  const places = await house.targets.places(signal);
  return Object.fromEntries(keys.map((key) => [key, named[key].map((name) => placeIn(places[key], name, key).id)]));
}

function placeIn(places: readonly Place[], name: string, key: PlaceKey): Place {
  const place = findPlace(places, name);
  if (place === undefined) throw notFound(`${KINDS[key]} ${name} n'existe pas`, nearNames(name, places));
  return place;
}

/** Names keep their capitals: ids of devices and labels are compared as they stand. */
function namesOf(value: unknown, key: PlaceKey): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value ?? ''];
  return list
    .flatMap((item) => {
      if (typeof item !== 'string') throw new InvalidArguments(`data.${key}`, 'texte attendu');
      return item.split(',');
    })
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
