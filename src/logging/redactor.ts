import { cut } from '../call/shown-text.js';
import { isSecretName } from '../config/secret-names.js';

const BLANK = '[redacted]';
/** Deeper than anybody logs on purpose; what lies below is not shown. */
const MAX_DEPTH = 8;
/** In characters, and in items of a list. What a reader of the log needs of anybody's words fits. */
const LONGEST_TEXT = 8192;
const LONGEST_LIST = 200;

/** Blanks secrets twice: fields by their names, and in the finished line, wherever they got into, by their values. */
export class Redactor {
  private readonly values: RegExp | undefined;

  constructor(secrets: readonly string[]) {
    // Longer first: a secret that begins with another one must not leave its tail behind.
    const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
    this.values = forms.length === 0 ? undefined : new RegExp(forms.map(escaped).join('|'), 'g');
  }

  /** A copy without the values of fields that are named like secrets, and with no more of each than a reader needs. */
  fields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return this.shown(fields, 0) as Record<string, unknown>;
  }

  /** Cut where it is too long, and not through the middle of a secret. */
  text(text: string): string {
    return text.length <= LONGEST_TEXT ? text : cut(this.blanked(text), LONGEST_TEXT);
  }

  /** The line without any secret, and without characters that could move a terminal's cursor. */
  line(line: string): string {
    return this.blanked(line).replace(UNSAFE, (character) => character.split('').map(unitOf).join(''));
  }

  private blanked(text: string): string {
    return this.values === undefined ? text : text.replace(this.values, BLANK);
  }

  private shown(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) return '[deep]';
    if (value instanceof Error) return value;
    if (Array.isArray(value)) return shortened(value, `… (${value.length - LONGEST_LIST} more)`).map((item) => this.shown(item, depth + 1));
    const entries = Object.entries(value);
    return Object.fromEntries(
      shortened(entries, ['…', `${entries.length - LONGEST_LIST} more`]).map(([key, field]) => [
        this.text(key),
        isSecretName(key) ? BLANK : this.shown(field, depth + 1),
      ]),
    );
  }
}

/** What is not seen, or turns the direction of writing; the line end stays, and JSON itself escapes the other C0. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON knows an escape for half of a character beyond the first plane only. */
function unitOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function shortened<T>(items: readonly T[], rest: T): readonly T[] {
  return items.length <= LONGEST_LIST ? items : [...items.slice(0, LONGEST_LIST), rest];
}

/** As it is, as it looks within JSON, within JSON within JSON, and within a URL. */
function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret)];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
