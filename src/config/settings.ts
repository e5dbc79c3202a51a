/** What a file, a variable or a flag said, before any of it is believed. Keys are in the operator's spelling. */
export type Setting = null | boolean | number | string | Setting[] | Mapping;
export type Mapping = { [key: string]: Setting };

/** Where a setting was written. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  /** What relative paths in it are relative to. */
  readonly directory: string;
}

/** A tree of settings and the place of each, by key (`queue.max_size`, `access.keys[0].name`). */
export class Settings {
  constructor(
    readonly root: Mapping,
    private readonly places: ReadonlyMap<string, Place> = new Map(),
  ) {}

  /** One setting from elsewhere than a file. */
  static at(path: readonly string[], value: Setting, place: Place): Settings {
    const root = path.reduceRight<Setting>((inner, key) => ({ [key]: inner }), value);
    return new Settings(isMapping(root) ? root : {}, new Map([[path.reduce(keyIn, ''), place]]));
  }

  /** The later word wins, mapping by mapping; a list is one word. */
  overlaidBy(later: Settings): Settings {
    return new Settings(merged(this.root, later.root), new Map([...this.places, ...later.places]));
  }

  with(root: Mapping): Settings {
    return new Settings(root, this.places);
  }

  /** What was said at a path; an empty entry says nothing. */
  get(...path: string[]): Setting | undefined {
    let value: Setting | undefined = this.root;
    for (const key of path) value = isMapping(value) ? entryOf(value, key) : undefined;
    return value ?? undefined;
  }

  /** The place of a key, or of the nearest thing around it that somebody wrote, or else of something within it. */
  locate(key: string): Place | undefined {
    for (let around = key; around !== ''; around = enclosing(around)) {
      const place = this.places.get(around);
      if (place) return place;
    }
    return [...this.places].find(([written]) => written.startsWith(`${key}.`))?.[1];
  }
}

/** The key of an entry of the mapping `parent`; the root has the empty key. */
export function keyIn(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An entry of its own; never what every object inherits. */
export function entryOf(mapping: Mapping, key: string): Setting | undefined {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

function merged(earlier: Mapping, later: Mapping): Mapping {
  const both = Object.entries(later).map(([key, value]): [string, Setting] => {
    const before = entryOf(earlier, key);
    return [key, isMapping(before) && isMapping(value) ? merged(before, value) : value];
  });
  // fromEntries defines, so that a key called __proto__ stays a key
  return Object.fromEntries([...Object.entries(earlier), ...both]);
}

function enclosing(key: string): string {
  return key.slice(0, Math.max(key.lastIndexOf('.'), key.lastIndexOf('['), 0));
}
