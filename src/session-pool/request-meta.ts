import { isJsonObject, type JsonObject } from '../call/json.js';
import type { Era } from './era-verdicts.js';

export const MODERN_VERSION = '2026-07-28';
export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo';

const PROTOCOL_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const CLIENT_INFO_KEY = 'io.modelcontextprotocol/clientInfo';
const CLIENT_CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';

const ENVELOPE_KEYS: readonly string[] = [
  PROTOCOL_VERSION_KEY,
  CLIENT_INFO_KEY,
  CLIENT_CAPABILITIES_KEY,
  'io.modelcontextprotocol/logLevel',
];

/** The envelope every request of 2026 carries; what a caller's own envelope says wins. */
export function modernEnvelope(clientInfo: JsonObject, capabilities: JsonObject): JsonObject {
  return {
    [PROTOCOL_VERSION_KEY]: MODERN_VERSION,
    [CLIENT_INFO_KEY]: clientInfo,
    [CLIENT_CAPABILITIES_KEY]: capabilities,
  };
}

/** Params as a child of this era expects them: with the envelope, or without one that it would not understand. */
export function inEra(params: JsonObject, era: Era, envelope: JsonObject): JsonObject {
  const meta = isJsonObject(params._meta) ? params._meta : {};
  switch (era) {
    case '2026':
      return { ...params, _meta: { ...envelope, ...meta } };
    case '2025':
      if (!ENVELOPE_KEYS.some((key) => key in meta)) return params;
      return { ...params, _meta: Object.fromEntries(Object.entries(meta).filter(([key]) => !ENVELOPE_KEYS.includes(key))) };
    default:
      return era satisfies never;
  }
}
