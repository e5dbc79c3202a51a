import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';
import { Config } from './config.js';
import { keyIn } from './settings.js';
import { snakeOf } from './key-names.js';

export type Section = new () => object;

/** One key of a section: how an operator writes it, and what it may hold. */
export interface Field {
  /** In the code's spelling. */
  readonly property: string;
  /** In the file's spelling. */
  readonly name: string;
  readonly shape: 'text' | 'number' | 'boolean' | 'texts' | 'section' | 'sections';
  /** May be absent; it has no default then. */
  readonly optional: boolean;
  /** What belongs here, in words: `an integer from 1 to 256`. */
  readonly expected: string;
  /** The only words allowed, where there is such a list. */
  readonly words?: readonly string[];
  /** The class behind a `section`, or behind each of `sections`. */
  readonly section?: Section;
}

/** The keys of a section, in the order of its class. The section classes are the only place that defines them. */
export function fieldsOf(section: Section): readonly Field[] {
  const known = fields.get(section) ?? readFields(section);
  fields.set(section, known);
  return known;
}

const fields = new Map<Section, readonly Field[]>();

/** Whether the path names a key or a section; `upstreams` and `policy` are open below their own names. */
export function isConfigKey(path: readonly string[], section: Section = Config): boolean {
  const [name, ...rest] = path;
  if (section === Config && (name === 'upstreams' || name === 'policy')) return true;
  const field = fieldsOf(section).find((candidate) => candidate.name === name);
  if (!field) return false;
  return rest.length === 0 || (field.shape === 'section' && field.section !== undefined && isConfigKey(rest, field.section));
}

/** Every single key with its field and default, `queue.max_size` and so on: what the documents must list. */
export function everyKey(section: Section = Config, parent = ''): { key: string; field: Field; fallback: unknown }[] {
  const defaults = new Map<string, unknown>(Object.entries(new section()));
  return fieldsOf(section).flatMap((field) => {
    const key = keyIn(parent, field.name);
    const inner = field.shape === 'section' && field.section ? everyKey(field.section, key) : undefined;
    return inner ?? [{ key, field, fallback: defaults.get(field.property) }];
  });
}

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

function readFields(section: Section): Field[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(section, '', true, false);
  const defaults = new Map<string, unknown>(Object.entries(new section()));
  const properties = [...new Set([...defaults.keys(), ...rules.map((rule) => rule.propertyName)])];
  return properties.flatMap((property) => {
    const own = rules.filter((rule) => rule.propertyName === property);
    return own.length === 0 ? [] : [fieldOf(section, property, own, defaults.get(property))];
  });
}

function fieldOf(section: Section, property: string, rules: readonly Rule[], fallback: unknown): Field {
  const names = { property, name: snakeOf(property), optional: rules.some((rule) => rule.name === 'isOptional') };
  const list = rules.some((rule) => rule.each);
  if (rules.some((rule) => rule.type === 'nestedValidation')) {
    const inner = list ? itemOf(section, property) : classOf(fallback);
    const expected = list ? 'a list of mappings' : 'a mapping of keys';
    return { ...names, shape: list ? 'sections' : 'section', expected, ...(inner && { section: inner }) };
  }
  const find = (name: string): Rule | undefined => rules.find((rule) => rule.name === name);
  const first = (name: string): unknown => (find(name)?.constraints as unknown[] | undefined)?.[0];

  const words = first('isIn') as readonly string[] | undefined;
  if (words) return { ...names, shape: 'text', expected: words.length > 1 ? `one of ${words.join(', ')}` : words.join(), words };
  if (find('isBoolean')) return { ...names, shape: 'boolean', expected: 'true or false' };
  if (find('isInt') ?? find('isNumber')) {
    const number = find('isInt') ? 'an integer' : 'a number';
    return { ...names, shape: 'number', expected: `${number}${span(first('min'), first('max'))}` };
  }
  if (list) return { ...names, shape: 'texts', expected: 'a list of texts' };
  const pattern = first('matches');
  if (pattern instanceof RegExp) return { ...names, shape: 'text', expected: `text matching ${pattern.source}` };
  return { ...names, shape: 'text', expected: find('isNotEmpty') ? 'text that is not empty' : 'text' };
}

function span(min: unknown, max: unknown): string {
  if (typeof min !== 'number') return '';
  return typeof max === 'number' ? ` from ${min} to ${max}` : ` of at least ${min}`;
}

/** Only class-transformer knows what a list holds; it says so when it fills one. */
function itemOf(section: Section, property: string): Section | undefined {
  const filled = plainToInstance(section, { [property]: [{}] });
  const items: unknown = Object.entries(filled).find(([name]) => name === property)?.[1];
  return Array.isArray(items) ? classOf(items[0]) : undefined;
}

function classOf(value: unknown): Section | undefined {
  return typeof value === 'object' && value !== null ? (value.constructor as Section) : undefined;
}
