import { eventually } from '../support/eventually.js';
import { type AuditLine, RealHousehold } from './real-household.js';

const CALLS = 200;
const VERBS = ['toggle', 'turn_on', 'toggle', 'turn_off', 'toggle'] as const;
const ENTITIES = [
  'light.salon_lamp',
  'light.salon_etagere',
  'light.cuisine',
  'light.chambre',
  'switch.tv',
  'switch.cuisine',
  'switch.imprimante_3d',
  'switch.refrigerateur',
  'automation.coupure_imprimante_3d',
  'automation.alerte_refrigerateur',
];
const MINUTE_MS = 60_000;

interface Written {
  readonly entity: string;
  readonly verb: (typeof VERBS)[number];
}

describe("The bridge's audit and Home Assistant's logbook", () => {
  it(
    `tell the same story of ${CALLS} calls at once on ${ENTITIES.length} entities, each in the same order`,
    async () => {
      const home = await RealHousehold.open();
      const start = new Date().toISOString();
      const before = Object.fromEntries(await Promise.all(ENTITIES.map(async (entity) => [entity, await home.stateOf(entity)] as const)));
      const written = new Map(Array.from({ length: CALLS }, (_, number) => [`write-${number}`, order(number)]));
      const replies = await Promise.all(
        [...written].map(([id, { entity, verb }]) => home.service(`${domainOf(entity)}.${verb}`, entity, {}, { 'X-Request-ID': id })),
      );
      expect(replies.map(({ status, body }) => [status, body.isError])).toEqual(Array(CALLS).fill([200, false]));

      const audit = await eventually(
        () => home.audit(),
        (lines) => lines.length === CALLS,
      );
      const told = ENTITIES.map((entity) => storyOf(linesOf(audit, entity), written, before[entity]!));
      const { id: user } = await home.direct.ask('auth/current_user');
      const seen = await eventually(
        () => logbook(home, start, user),
        (rows) => rows.flat().length >= told.flat().length,
      );
      await home.close();

      expect(audit.map(({ outcome }) => outcome)).toEqual(Array(CALLS).fill('done'));
      expect(new Set(audit.map(({ request_id: id }) => id)).size).toBe(CALLS);
      expect(seen).toEqual(told);
    },
    MINUTE_MS,
  );
});

/** What the logbook says of each entity: service and state, in the order of time. */
async function logbook(home: RealHousehold, start: string, user: string): Promise<string[][]> {
  const rows: any[] = await home.direct.ask('logbook/get_events', { start_time: start, entity_ids: ENTITIES });
  const changes = rows.filter(({ state, context_user_id: by }) => state !== undefined && by === user).sort((a, b) => a.when - b.when);
  return ENTITIES.map((entity) =>
    changes.filter(({ entity_id: id }) => id === entity).map(({ context_service: verb, state }) => `${verb}: ${state}`),
  );
}

/** What it has to say, if the audit is right about what was done and in which order: a call that changes nothing leaves no row. */
function storyOf(audit: readonly AuditLine[], written: ReadonlyMap<string, Written>, before: string): string[] {
  let state = before;
  return audit.flatMap(({ request_id: id }) => {
    const { verb } = written.get(id)!;
    const next = verb === 'toggle' ? (state === 'on' ? 'off' : 'on') : verb.replace('turn_', '');
    if (next === state) return [];
    state = next;
    return [`${verb}: ${state}`];
  });
}

function linesOf(audit: readonly AuditLine[], entity: string): AuditLine[] {
  const lines = audit.filter(({ lock_keys: keys }) => keys.some((key) => key.endsWith(`/${entity}`)));
  return lines.sort((a, b) => a.sequence - b.sequence);
}

function order(number: number): Written {
  return { entity: ENTITIES[number % ENTITIES.length]!, verb: VERBS[Math.floor(number / ENTITIES.length) % VERBS.length]! };
}

function domainOf(entity: string): string {
  return entity.split('.')[0]!;
}
