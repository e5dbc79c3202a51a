import { InvalidArguments } from './failures.js';
import { type Fields, fieldsOf, isFields } from './fields.js';

const YES = ['true', 'oui', 'yes', 'on', 'vrai', '1'];
const NO = ['false', 'non', 'no', 'off', 'faux', '0'];

interface Bounds {
  readonly min?: number;
  /** Above it the maximum is taken, and said. */
  readonly max: number;
  readonly otherwise: number;
}

/**
 * What the caller gave, read kindly: numbers and booleans as text, lists as CSV, objects as JSON text, `null` for
 * absent. What cannot be read is an `InvalidArguments`.
 */
export class Arguments {
  /** What was taken otherwise than given. */
  readonly warnings: string[] = [];
  private readonly given: Fields;

  constructor(given: unknown) {
    this.given = fieldsOf(given);
  }

  /** Undefined when absent or empty. */
  text(name: string): string | undefined {
    const value = this.given[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw new InvalidArguments(name, 'texte attendu');
    return String(value).trim() || undefined;
  }

  requiredText(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw new InvalidArguments(name, 'argument obligatoire');
    return text;
  }

  /** Ids in lower case, from a text, CSV or a list. */
  ids(name: string): readonly string[] {
    return idsOf(this.given[name], name);
  }

  requiredIds(name: string): readonly string[] {
    const ids = this.ids(name);
    if (ids.length === 0) throw new InvalidArguments(name, 'argument obligatoire');
    return ids;
  }

  integer(name: string, bounds: Bounds): number {
    const value = this.number(name, bounds);
    if (!Number.isInteger(value)) throw new InvalidArguments(name, 'nombre entier attendu');
    return value;
  }

  number(name: string, { min, max, otherwise }: Bounds): number {
    const value = this.given[name] ?? undefined;
    if (value === undefined || value === '') return otherwise;
    const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value.trim().replace(',', '.')) : NaN;
    if (Number.isNaN(number)) throw new InvalidArguments(name, 'nombre attendu');
    if (min !== undefined && number < min) throw new InvalidArguments(name, `doit valoir au moins ${min}`);
    if (number <= max) return number;
    this.warnings.push(`${name} ramené de ${number} à ${max}, le maximum.`);
    return max;
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return otherwise;
    if (YES.includes(value)) return true;
    if (NO.includes(value)) return false;
    throw new InvalidArguments(name, 'true ou false attendu (oui ou non)');
  }

  object(name: string): Fields {
    const value = parsed(this.given[name] ?? undefined);
    if (value === undefined || value === '') return {};
    if (!isFields(value)) throw new InvalidArguments(name, 'objet attendu');
    return value;
  }

  /** A list of objects; one object alone is a list of one. Undefined when absent. */
  objects(name: string): readonly Fields[] | undefined {
    const value = parsed(this.given[name] ?? undefined);
    if (value === undefined || value === '') return undefined;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!list.every(isFields)) throw new InvalidArguments(name, "liste d'objets attendue");
    return list;
  }
}

/** Ids in lower case and without spaces, from a text, CSV or a list. */
export function idsOf(value: unknown, path: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value ?? ''];
  const texts = list.map((item) => {
    if (typeof item !== 'string') throw new InvalidArguments(path, 'texte attendu');
    return item;
  });
  const ids = texts.flatMap((text) => text.split(',').map((id) => id.trim().toLowerCase()));
  return [...new Set(ids.filter((id) => id !== ''))];
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
