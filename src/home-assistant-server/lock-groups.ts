import { type Entity } from './entity.js';
import type { HomeAssistant } from './home-assistant.js';
import { membersOf, PLACE_KEYS, type Place } from './targets.js';

const READ_WITHIN_MS = 5000;

/** What else a call touches that names a group, a scene, an area and the like. */
export class LockGroups {
  private revision = 0;
  private readonly listeners = new Set<() => void>();
  private readonly members = new Map<string, string>();

  constructor(private readonly house: HomeAssistant) {
    house.targets.onChange(() => this.changed());
    house.mirror.onChange((change) => {
      const entities =
        change === 'everything'
          ? house.mirror.list()
          : change.ids.map((id) => house.mirror.get(id)).filter((entity) => entity !== undefined);
      if (this.membersChanged(entities)) this.changed();
    });
  }

  async read(): Promise<object> {
    const signal = AbortSignal.timeout(READ_WITHIN_MS);
    const mirror = await this.house.states(signal);
    const places = await this.house.targets.places(signal);
    const entries = [
      ...mirror.list().map((entity): [string, string[]] => [entity.id, [...membersOf(entity, mirror)]]),
      ...mirror
        .list(['automation'])
        .flatMap(({ id, attributes }): [string, string[]][] =>
          typeof attributes.id === 'string' ? [[`automation.${attributes.id}`, [id]]] : [],
        ),
      ...PLACE_KEYS.flatMap((key) => places[key].flatMap((place) => rows(key, place))),
    ];
    return {
      revision: this.revision,
      groups: Object.fromEntries(entries.filter(([key, members]) => members.some((member) => member !== key))),
    };
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private changed(): void {
    this.revision++;
    for (const listener of this.listeners) listener();
  }

  private membersChanged(entities: readonly Entity[]): boolean {
    const changed = entities.filter(({ id, attributes }) => {
      const members = JSON.stringify([attributes.entity_id, id.startsWith('automation.') ? attributes.id : undefined]);
      const before = this.members.get(id);
      this.members.set(id, members);
      return before !== members;
    });
    return changed.length > 0;
  }
}

/** A place stands under its id and under its name: both are understood in a call. */
function rows(key: string, { id, name, entities }: Place): [string, string[]][] {
  const names = new Set([id, name, name.toLowerCase()]);
  return [...names].map((known) => [`${key}:${known}`, [...entities]]);
}
