import type { Arguments } from '../arguments.js';
import { fitting } from '../results.js';

interface Paging {
  readonly limit: number;
  readonly offset: number;
}

export interface Page {
  readonly rows: readonly object[];
  readonly returned: number;
  readonly offset: number;
  readonly truncated: boolean;
  /** Where the next page begins; absent on the last. */
  readonly next_offset?: number;
}

export function readPaging(given: Arguments): Paging {
  return {
    limit: given.integer('limit', { min: 1, max: 500, otherwise: 100 }),
    offset: given.integer('offset', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 }),
  };
}

/** As many rows as were asked for and fit; never none while there are some, so that pages lead to the end. */
export function pageOf<T>(all: readonly T[], rowOf: (one: T) => object, { limit, offset }: Paging, maxBytes: number): Page {
  const asked = all.slice(offset, offset + limit).map(rowOf);
  const rows = asked.slice(0, Math.max(1, fitting(asked, maxBytes)));
  const next = offset + rows.length;
  const truncated = next < all.length;
  return { rows, returned: rows.length, offset, truncated, ...(truncated ? { next_offset: next } : {}) };
}
