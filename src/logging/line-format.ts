import type { LoggingConfig } from './logging.config.js';

type Fields = Readonly<Record<string, unknown>>;

/** `key=value` pairs behind the message, for readers who do not parse. What JSON would leave out has no pair. */
export function folded(message: string, fields: Fields): string {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  const pairs = said.map(([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`);
  return [message, ...pairs].join(' ');
}

/** A finished JSON line in the configured format, with its line end. */
export function formatted(line: string, { format }: Pick<LoggingConfig, 'format'>): string {
  if (format === 'json') return line;
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  return `${String(time)} ${String(level).padEnd(7)} ${folded(escapeControls(String(message)), fields)}\n`;
}

function quoted(value: string): string {
  return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
}

/** In JSON they are escaped already; in text they could forge a line. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
