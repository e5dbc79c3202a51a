import type { EntityMirror } from './entity-mirror.js';
import { textOf } from './fields.js';
import { fold } from './french.js';
import type { HomeAssistant } from './home-assistant.js';
import { PLACE_KEYS, type Place } from './places.js';
import { membersOf } from './targets.js';

const READ_WITHIN_MS = 5000;
/** One of these of which Home Assistant tells no members has some all the same, and they may be of any domain. */
const ALWAYS_GROUPS = ['scene', 'group'];
const EVERYTHING: ReadonlySet<string> = new Set(['*']);

/** What else a call touches that names a group, a scene, an area and the like. */
export class LockGroups {
  private revision = 0;
  private readonly listeners = new Set<() => void>();
  private readonly members = new Map<string, string>();

  constructor(private readonly house: HomeAssistant) {
    house.targets.onChange(() => this.changed());
    house.mirror.onChange((change) => {
      const ids = change === 'everything' ? [...this.members.keys(), ...house.mirror.ids()] : change.ids;
      if (this.membersChanged(ids)) this.changed();
    });
  }

  async read(): Promise<object> {
    const signal = AbortSignal.timeout(READ_WITHIN_MS);
    const mirror = await this.house.states(signal);
    const places = await this.house.targets.places(signal);
    const groups = new Map<string, ReadonlySet<string>>(ALWAYS_GROUPS.map((domain) => [domain, EVERYTHING]));
    for (const entity of mirror.values()) {
      const members = membersOf(entity, mirror);
      if (members.size > 0) groups.set(entity.id, members);
      if (entity.id.startsWith('automation.') && typeof entity.attributes.id === 'string')
        groups.set(`automation.${entity.attributes.id}`, new Set([entity.id]));
    }
    for (const key of PLACE_KEYS) for (const place of places[key]) addPlace(groups, key, place, mirror);
    return { revision: this.revision, groups: Object.fromEntries(Array.from(groups, ([key, members]) => [key, [...members]])) };
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private changed(): void {
    this.revision++;
    for (const listener of this.listeners) listener();
  }

  private membersChanged(ids: readonly string[]): boolean {
    const changed = ids.filter((id) => {
      const told = this.toldBy(id);
      const before = this.members.get(id);
      if (told === undefined) this.members.delete(id);
      else this.members.set(id, told);
      return before !== told;
    });
    return changed.length > 0;
  }

  /** What an entity's own attributes say of groups; undefined for the many that say nothing. */
  private toldBy(id: string): string | undefined {
    const { entity_id: members, id: configId } = this.house.mirror.get(id)?.attributes ?? {};
    if (id.startsWith('automation.')) return textOf(configId);
    return members === undefined ? undefined : JSON.stringify(members);
  }
}

/** Under its id and under its names: all are understood in a call. Two places of one name are locked together. */
function addPlace(groups: Map<string, ReadonlySet<string>>, key: string, { id, name, entities }: Place, mirror: EntityMirror): void {
  const members = new Set([...entities].flatMap((entity) => [entity, ...membersBehind(entity, mirror)]));
  for (const known of new Set([id, name, fold(id), fold(name)])) {
    const row = `${key}:${known}`;
    groups.set(row, new Set([...(groups.get(row) ?? []), ...members]));
  }
}

/** A group in an area has members anywhere. */
function membersBehind(id: string, mirror: EntityMirror): Iterable<string> {
  const entity = mirror.get(id);
  return entity === undefined ? [] : membersOf(entity, mirror);
}
