import { type Fields, textOf } from './fields.js';
import { isoOf } from './house-time.js';

export interface Entity {
  readonly id: string;
  readonly state: string;
  readonly attributes: Fields;
  /** Seconds since 1970. */
  readonly lastChanged: number;
  readonly lastUpdated: number;
  readonly context: Context;
}

export interface Context {
  readonly id: string;
  readonly parent_id: string | null;
  readonly user_id: string | null;
}

/** What people call it; the id when nobody named it. */
export function nameOf({ id, attributes }: Entity): string {
  return textOf(attributes.friendly_name) || id;
}

export function domainOf(entityId: string): string {
  return entityId.split('.')[0] ?? '';
}

export function updatedAt({ lastUpdated }: Entity): string {
  return isoOf(lastUpdated);
}
