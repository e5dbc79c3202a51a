import { validateSync, type ValidationError } from 'class-validator';
import { parse } from 'yaml';
import { nearest } from './key-names.js';
import type { ProblemList } from './problem-list.js';
import { type Field, fieldsOf, type Section } from './schema.js';
import { isMapping, keyIn, type Mapping, type Setting, type Settings } from './settings.js';

/** Fills sections from settings and tells what does not fit; what is wrong keeps its default, so that the rest can be checked too. */
export class Validation {
  constructor(
    private readonly settings: Settings,
    private readonly problems: ProblemList,
  ) {}

  /**
   * `target` with what `value` says laid over it. An empty entry (`file:`) means the default.
   * Names in `open` are the caller's to read.
   */
  fill<T extends object>(target: T, value: Setting | undefined, key: string, open: readonly string[] = []): T {
    const filled = this.lay(target, value, key, open);
    for (const error of validateSync(filled, { forbidUnknownValues: false })) this.tell(filled, error, key);
    return filled;
  }

  private lay<T extends object>(target: T, value: Setting | undefined, key: string, open: readonly string[]): T {
    const fields = fieldsOf(target.constructor as Section);
    const names = [...fields.map((field) => field.name), ...open];
    for (const [name, entry] of Object.entries(this.mapping(value, key))) {
      const field = fields.find((candidate) => candidate.name === name);
      if (field) this.put(target, field, entry, keyIn(key, name));
      else if (!open.includes(name)) this.unknown(keyIn(key, name), key, nearest(name, names));
    }
    return target;
  }

  private put(target: object, field: Field, value: Setting, key: string): void {
    if (value === null || (value === '' && field.optional)) return;
    const before = Object.entries(target).find(([property]) => property === field.property)?.[1] as unknown;
    const taken = this.take(field, value, before, key);
    Object.assign(target, { [field.property]: taken });
  }

  private take(field: Field, value: Setting, before: unknown, key: string): unknown {
    switch (field.shape) {
      case 'section':
        return typeof before === 'object' && before !== null ? this.lay(before, value, key, []) : before;
      case 'sections':
        if (Array.isArray(value)) return this.items(field, value, key);
        this.wrong(key, field.expected, value);
        return before;
      case 'texts':
        if (Array.isArray(value)) return value;
        this.wrong(key, field.expected, value);
        return before;
      case 'number':
      case 'boolean':
        return typeof value === 'string' ? unquoted(value) : value;
      case 'text':
        return typeof value === 'number' && field.words ? String(value) : value; // `era: 2025`
      default:
        return field.shape satisfies never;
    }
  }

  private items({ section }: Field, items: readonly Setting[], key: string): object[] {
    return section ? items.map((item, index) => this.lay(new section(), item, `${key}[${index}]`, [])) : [];
  }

  private mapping(value: Setting | undefined, key: string): Mapping {
    if (isMapping(value)) return value;
    if (value !== undefined && value !== null) this.wrong(key, 'a mapping of keys', value);
    return {};
  }

  private tell(section: object, error: ValidationError, key: string): void {
    const field = fieldsOf(section.constructor as Section).find(({ property }) => property === error.property);
    if (!field) return;
    const at = keyIn(key, field.name);
    if (error.constraints) {
      this.wrong(at, field.expected, error.value);
      // back to a value of the right type, which the checks that follow rely on
      Object.assign(section, { [field.property]: fallbackOf(section, field) });
    }
    for (const child of error.children ?? []) {
      if (field.shape === 'section') this.tell(objectOf(error.value), child, at);
      else for (const inner of child.children ?? []) this.tell(objectOf(child.value), inner, `${at}[${child.property}]`);
    }
  }

  private wrong(key: string, expected: string, value: unknown): void {
    this.problems.at(this.settings, key, `expected ${expected}, found ${kindOf(value, expected)}`);
  }

  private unknown(key: string, parent: string, meant: string | undefined): void {
    this.problems.at(this.settings, key, `unknown key${meant ? `, did you mean ${keyIn(parent, meant)}?` : ''}`);
  }
}

const TEXTUAL = /^(text|one of)/;

/** A value in words that give no secret away: text is never shown. */
function kindOf(value: unknown, expected: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a mapping';
  if (typeof value !== 'string' || value === '') return 'nothing';
  return TEXTUAL.test(expected) ? 'other text' : 'text';
}

function fallbackOf(section: object, { property }: Field): unknown {
  return Object.entries(new (section.constructor as Section)()).find(([name]) => name === property)?.[1];
}

/** `"3003"` and what `${PORT}` left behind are still numbers. */
function unquoted(text: string): unknown {
  try {
    const value: unknown = parse(text, { logLevel: 'silent' });
    return typeof value === 'number' || typeof value === 'boolean' ? value : text;
  } catch {
    return text;
  }
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
