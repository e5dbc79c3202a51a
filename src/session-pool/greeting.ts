import { isJsonObject, type Json, type JsonObject } from '../call/json.js';

/*
 * The two answers that open a conversation, checked by hand as far as they are used: the packages with their schemas
 * would take 34 MB of memory for as long as the process lives.
 */

export function isInitializeResult({ protocolVersion, capabilities, serverInfo, instructions }: JsonObject): boolean {
  return (
    typeof protocolVersion === 'string' && areCapabilities(capabilities) && isImplementation(serverInfo) && isOptionalText(instructions)
  );
}

export function isDiscoverResult({ supportedVersions, capabilities, instructions }: JsonObject): boolean {
  const areVersions = Array.isArray(supportedVersions) && supportedVersions.every((version) => typeof version === 'string');
  return areVersions && areCapabilities(capabilities) && isOptionalText(instructions);
}

/** Each capability is described by an object, which says nothing when it is empty. */
function areCapabilities(value: Json | undefined): boolean {
  return isJsonObject(value) && Object.values(value).every(isJsonObject);
}

function isImplementation(value: Json | undefined): boolean {
  return isJsonObject(value) && typeof value.name === 'string' && typeof value.version === 'string';
}

function isOptionalText(value: Json | undefined): boolean {
  return value === undefined || typeof value === 'string';
}
