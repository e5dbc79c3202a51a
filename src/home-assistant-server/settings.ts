/** Tokens of the demo house begin so: a house is known for a demo before anybody asked it. */
export const DEMO_TOKEN_PREFIX = 'demo-';

export interface HouseAddress {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly token: string;
}

export interface Settings {
  /** Or the variable that keeps us from knowing it. */
  readonly house: HouseAddress | { readonly missing: string };
  /** Limit of one exchange with Home Assistant when the caller gave no budget. */
  readonly timeoutMs: number;
  /** Cap of one tool result, text and structured content together. */
  readonly maxResultBytes: number;
}

/** A variable that cannot be read; its message names the variable, never its value. */
export class SettingsError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws SettingsError */
export function readSettings(environment: Environment = process.env): Settings {
  return {
    house: readHouse(environment),
    timeoutMs: readWhole(environment, 'HASS_TIMEOUT_MS', 30_000, 1),
    maxResultBytes: readWhole(environment, 'HASS_MAX_RESULT_BYTES', 1_000_000, 1000),
  };
}

/** @throws SettingsError */
export function readDemoRhythm(environment: Environment = process.env): { delayMs: number; tickMs: number } {
  return {
    delayMs: readWhole(environment, 'HASS_DEMO_DELAY_MS', 0, 0),
    tickMs: readWhole(environment, 'HASS_DEMO_TICK_MS', 10_000, 0),
  };
}

function readHouse({ HASS_URL: url = '', HASS_TOKEN: token = '' }: Environment): Settings['house'] {
  const missing = [url.trim() === '' ? 'HASS_URL' : '', token.trim() === '' ? 'HASS_TOKEN' : ''].filter((name) => name !== '');
  if (url.trim() !== '') checkUrl(url);
  return missing.length > 0 ? { missing: missing.join(', ') } : { url: url.trim().replace(/(?<!\/)\/+$/, ''), token: token.trim() };
}

function checkUrl(url: string): void {
  if (!URL.canParse(url)) throw new SettingsError('HASS_URL: not a URL');
  const { protocol, username, password, search, hash } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new SettingsError('HASS_URL: must begin with http:// or https://');
  if (username !== '' || password !== '') throw new SettingsError('HASS_URL: credentials in the URL are refused; use HASS_TOKEN');
  if (search !== '' || hash !== '') throw new SettingsError('HASS_URL: a base URL has no query and no fragment');
}

function readWhole(environment: Environment, name: string, otherwise: number, min: number): number {
  const text = environment[name]?.trim() ?? '';
  if (text === '') return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min) throw new SettingsError(`${name}: must be a whole number of at least ${min}`);
  return value;
}
