import type { HouseClient } from '../../test/support/house-client.js';

export interface Collision {
  readonly answeredWithSuccess: number;
  readonly changes: number;
  readonly before: string;
  readonly after: string;
  readonly tookMs: number;
}

/** Sends all the toggles at once, by whichever way, and counts what the house says of the lamp until all are answered. */
export async function collide(house: HouseClient, entity: string, times: number, toggle: () => Promise<boolean>): Promise<Collision> {
  const states: string[] = [];
  const { result, error } = await house.subscribe('subscribe_entities', { entity_ids: [entity] }, ({ a, c }) => {
    const state = a?.[entity]?.s ?? c?.[entity]?.['+']?.s;
    if (state !== undefined) states.push(state);
  });
  if (error !== undefined) throw new Error(`${error.code}: ${error.message}`, { cause: result });
  await house.send('ping');
  const [before] = states;
  if (before === undefined) throw new Error(`${entity} is not in this house`);

  const startMs = performance.now();
  const answers = await Promise.all(Array.from({ length: times }, toggle));
  const tookMs = performance.now() - startMs;
  await house.send('ping');
  return {
    answeredWithSuccess: answers.filter(Boolean).length,
    changes: states.length - 1,
    before,
    after: states.at(-1) ?? before,
    tookMs,
  };
}
