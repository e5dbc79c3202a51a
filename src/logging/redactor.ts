import { isSecretName } from '../config/secret-names.js';

const BLANK = '[redacted]';
/** Deeper than anybody logs on purpose; what lies below is not shown. */
const MAX_DEPTH = 8;

/** Blanks secrets twice: fields by their names, and in the finished line, wherever they got into, by their values. */
export class Redactor {
  private readonly values: RegExp | undefined;

  constructor(secrets: readonly string[]) {
    // Longer first: a secret that begins with another one must not leave its tail behind.
    const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
    this.values = forms.length === 0 ? undefined : new RegExp(forms.map(escaped).join('|'), 'g');
  }

  /** A copy without the values of fields that are named like secrets. */
  fields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return withoutSecretFields(fields, 0) as Record<string, unknown>;
  }

  /** The line without any secret, and without characters that could move a terminal's cursor. */
  line(line: string): string {
    const blanked = this.values === undefined ? line : line.replace(this.values, BLANK);
    return blanked.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
}

/** C1 controls, line separators and marks that turn the direction of writing; JSON itself escapes C0. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function withoutSecretFields(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return value;
  if (Array.isArray(value)) return value.map((item) => withoutSecretFields(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, isSecretName(key) ? BLANK : withoutSecretFields(field, depth + 1)]),
  );
}

/** As it is, as it looks within JSON, within JSON within JSON, and within a URL. */
function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret)];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
