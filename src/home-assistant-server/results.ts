import { HouseFailure } from './failures.js';

/** What a tool answers: a text for people, an object for programs, and what is worth a warning. */
export interface ToolAnswer {
  readonly text: string;
  readonly structured: object;
  readonly warnings?: readonly string[];
}

export interface ToolResult {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError: boolean;
  _meta?: Record<string, unknown>;
}

const JSON_INDENT = 2;
/** What a row costs beside its own JSON: the indent of each of its lines, in the text. */
const INDENT_BYTES_PER_ROW = 80;
/** Room for what stands around the rows. */
const FRAME_BYTES = 1000;

/** A prefix, then one JSON value up to the end: who splits at the first empty line can parse the rest. */
export function prefixed(prefix: string, value: unknown): string {
  return `${prefix}\n\n${json(value)}`;
}

export function json(value: unknown): string {
  return JSON.stringify(value, null, JSON_INDENT);
}

/** @throws HouseFailure when it is larger than anybody's pipe should carry */
export function resultOf({ text, structured, warnings = [] }: ToolAnswer, maxBytes: number): ToolResult {
  const content = [text, ...(warnings.length === 0 ? [] : [warnings.join('\n')])].map((block) => ({ type: 'text' as const, text: block }));
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(structured));
  if (bytes > maxBytes) {
    throw new HouseFailure(
      'result_too_large',
      `résultat de ${bytes} octets, plus que les ${maxBytes} permis (HASS_MAX_RESULT_BYTES); préciser domain, limit ou hours`,
    );
  }
  return { content, structuredContent: { ...structured }, isError: false };
}

export function failureResult(tool: string, failure: HouseFailure): ToolResult {
  const text = `Erreur lors de l'exécution de ${tool}: ${failure.message}`;
  return { content: [{ type: 'text', text }], isError: true, _meta: failure.meta };
}

/** How many of the rows, from the first on, fit into a result as text and as structured content. */
export function fitting(rows: readonly object[], maxBytes: number): number {
  let left = maxBytes - FRAME_BYTES;
  const over = rows.findIndex((row) => {
    left -= 2 * Buffer.byteLength(JSON.stringify(row)) + INDENT_BYTES_PER_ROW;
    return left < 0;
  });
  return over === -1 ? rows.length : over;
}
