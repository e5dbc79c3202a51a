import { isJsonObject, type Json, type JsonObject } from '../call/json.js';

/** What one worker's health page says of an upstream, as the other workers of its port hear it. */
export interface WorkerPart {
  readonly ready: number;
  readonly total: number;
  readonly canStart: boolean;
  readonly hasFailed: boolean;
  /** The upstream's own word, where it has one. */
  readonly health?: JsonObject;
}

/** Undefined for what no worker of ours would say. */
export function parseWorkerPart(told: Json | undefined): WorkerPart | undefined {
  if (!isJsonObject(told)) return undefined;
  const { ready, total, canStart, hasFailed, health } = told;
  if (typeof ready !== 'number' || typeof total !== 'number') return undefined;
  if (typeof canStart !== 'boolean' || typeof hasFailed !== 'boolean') return undefined;
  return { ready, total, canStart, hasFailed, ...(isJsonObject(health) && { health }) };
}
