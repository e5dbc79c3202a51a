import { isJsonObject, type Json, type JsonObject } from '../call/json.js';
import type { Era } from './era-verdicts.js';
import { shownInstructions, shownServer } from './shown-entry.js';

/** What the child told in its handshake, as it told it. */
export interface SessionDescription {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly serverInfo: JsonObject;
  readonly capabilities: JsonObject;
  readonly instructions?: string;
}

export function describe(era: Era, protocolVersion: string, serverInfo: Json | undefined, told: JsonObject): SessionDescription {
  const { capabilities, instructions } = told;
  return {
    era,
    protocolVersion,
    serverInfo: shownServer(objectIn(serverInfo)),
    capabilities: objectIn(capabilities),
    ...(typeof instructions === 'string' && { instructions: shownInstructions(instructions) }),
  };
}

/** The object a member should be; empty for anything else. */
export function objectIn(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
