import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { ProblemList } from './problem-list.js';
import { isConfigKey } from './schema.js';
import { isSecretName } from './secret-names.js';
import { keyIn, type Place, type Setting, Settings } from './settings.js';

export type Variables = Readonly<Record<string, string | undefined>>;

const PREFIX = 'BRIDGE__';
const FILE = '_FILE';

/** The variables of the process; `NAME_FILE` holds the path of a mounted secret and stands for `NAME`. */
export class Environment {
  private readonly secretValues = new Set<string>();

  constructor(private readonly variables: Variables = process.env) {}

  /** The value of a variable, or of the file that `NAME_FILE` names. */
  read(name: string, problems: ProblemList): string | undefined {
    const value = this.variables[name];
    const file = this.variables[name + FILE];
    if (!file) return isSecretName(name) ? this.remember(value) : value;
    if (value) problems.add({ file: 'environment', key: name, message: `set ${name} or ${name}${FILE}, not both` });
    return this.secretFrom(file, name + FILE, problems);
  }

  /** What `REDIS_URL` and every `BRIDGE__…` variable say. */
  settings(problems: ProblemList): Settings {
    const url = this.read('REDIS_URL', problems);
    const start = url ? Settings.at(['redis', 'url'], url, PLACE) : new Settings({});
    return Object.keys(this.variables)
      .filter((name) => name.startsWith(PREFIX))
      .sort()
      .map((name) => this.settingOf(name, this.variables[name] ?? '', problems))
      .reduce((earlier, later) => earlier.overlaidBy(later), start);
  }

  /** Values to blank in everything that is printed. */
  get secrets(): readonly string[] {
    return [...this.secretValues];
  }

  private settingOf(name: string, text: string, problems: ProblemList): Settings {
    const path = pathOf(name.slice(PREFIX.length));
    if (path.includes('')) {
      problems.add({ file: 'environment', key: name, message: 'expected BRIDGE__SECTION__KEY' });
      return new Settings({});
    }
    const secret = pathOf(name.slice(PREFIX.length, -FILE.length));
    // `access.key_file` is a key of its own and wants the path, not what lies there
    if (name.endsWith(FILE) && !isConfigKey(path) && isConfigKey(secret)) {
      return Settings.at(secret, this.secretFrom(text, name, problems) ?? null, PLACE);
    }
    return Settings.at(path, asYaml(text, path.reduce(keyIn, ''), problems), PLACE);
  }

  private secretFrom(file: string, name: string, problems: ProblemList): string | undefined {
    try {
      return this.remember(readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
    } catch (cause) {
      problems.add({ file: 'environment', key: name, message: `its file cannot be read (${codeOf(cause)})` });
      return undefined;
    }
  }

  private remember(value: string | undefined): string | undefined {
    if (value) this.secretValues.add(value);
    return value;
  }
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unreadable';
}

const PLACE: Place = { file: 'environment', directory: process.cwd() };

/** `QUEUE__MAX_SIZE` → queue, max_size. What a child's `env` holds keeps its case. */
function pathOf(spelled: string): string[] {
  const parts = spelled.split('__');
  const ofChild = parts[0] === 'UPSTREAMS' && parts[2] === 'ENV';
  return parts.map((part, index) => (ofChild && index > 2 ? part : part.toLowerCase()));
}

function asYaml(text: string, key: string, problems: ProblemList): Setting {
  try {
    // through JSON, which refuses what refers to itself
    return JSON.parse(JSON.stringify(parse(text, { logLevel: 'silent', stringKeys: true }))) as Setting;
  } catch {
    problems.add({ file: 'environment', key, message: 'not valid YAML' });
    return null;
  }
}
