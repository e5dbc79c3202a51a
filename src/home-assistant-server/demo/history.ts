import type { State } from './state.js';

const KEPT_PER_ENTITY = 2000;
const DAY_S = 24 * 3600;
const SAMPLE_EVERY_S = 600;

/** The last changes of every entity, oldest first. */
export class History {
  private readonly rows = new Map<string, State[]>();

  constructor(private readonly nowSeconds: () => number) {}

  record(state: State): void {
    const rows = this.rows.get(state.entityId) ?? [];
    rows.push(state);
    if (rows.length > KEPT_PER_ENTITY) rows.shift();
    this.rows.set(state.entityId, rows);
  }

  /** A sensor that measures starts with a day of samples, a gentle wave that ends at today's value. */
  begin(states: readonly State[]): void {
    for (const state of states.filter(({ attributes }) => attributes.state_class === 'measurement'))
      this.rows.set(state.entityId, this.dayBefore(state));
  }

  /** What was so at `start`, then the changes up to `end`; seconds since 1970. */
  between(entityId: string, start: number, end: number): State[] {
    const rows = this.rows.get(entityId) ?? [];
    const within = rows.filter(({ lastUpdated }) => lastUpdated > start && lastUpdated <= end);
    const atStart = rows.findLast(({ lastUpdated }) => lastUpdated <= start);
    return atStart === undefined ? within : [{ ...atStart, lastChanged: start, lastUpdated: start }, ...within];
  }

  private dayBefore(state: State): State[] {
    const now = this.nowSeconds();
    const value = Number(state.state);
    const decimals = state.state.split('.')[1]?.length ?? 0;
    return Array.from({ length: DAY_S / SAMPLE_EVERY_S + 1 }, (_, index) => {
      const ageS = DAY_S - index * SAMPLE_EVERY_S;
      const swing = value * 0.05 * Math.sin((2 * Math.PI * ageS) / DAY_S);
      return { ...state, state: (value + swing).toFixed(decimals), lastChanged: now - ageS, lastUpdated: now - ageS };
    });
  }
}
