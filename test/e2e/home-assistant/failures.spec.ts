import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newContext } from '../../../src/home-assistant-server/demo/state.js';
import type { Reply } from '../../support/a-bridge.js';
import { Household } from '../../support/a-household.js';
import { eventually } from '../../support/eventually.js';
import { FakeHomeAssistant } from '../../support/fake-home-assistant.js';
import { muteStdout } from '../../support/muted-stdout.js';

const LAMP = 'light.salon_lamp';
const MINUTE_MS = 60_000;
const LARGE = 'sensor.large';
const SMALL_RESULTS = { HASS_TIMEOUT_MS: '500', HASS_MAX_RESULT_BYTES: '20000' };

/** How a failure of the server reaches a caller: as an answer that says `isError`, or as an error of the bridge. */
type Ending = readonly [code: string, as: 'answer'] | readonly [code: string, status: number, errorCode: number, outcome?: string];

const answer = (code: string): Ending => [code, 'answer'];

describe('Every failure of the server ends in its status and code', () => {
  const folder = mkdtempSync(join(tmpdir(), 'failures-'));
  const log = join(folder, 'bridge.log');
  let home: Household;
  const said: Reply[] = [];

  beforeAll(async () => {
    muteStdout();
    const house = await FakeHomeAssistant.open();
    house.demo.house.set(LARGE, { state: '1', attributes: { blob: 'x'.repeat(30_000) } }, newContext(null));
    const settings = { circuit_breaker: { failure_threshold: 6, recovery_timeout_seconds: 0.5 }, logging: { level: 'DEBUG', file: log } };
    home = await Household.open({ children: 1, house, env: SMALL_RESULTS, settings });
  }, MINUTE_MS);
  afterEach(() => home.house.calm());
  afterAll(async () => {
    await home.close();
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  }, MINUTE_MS);

  const service = (entity: string, name: string, data = {}) => home.service(entity, name, data);

  it.each<[Ending, string, () => Promise<Reply>]>([
    [answer('entity_not_found'), 'an entity that does not exist', () => service('light.nonsense', 'turn_on')],
    [answer('service_not_found'), 'a service that does not exist', () => service(LAMP, 'explode')],
    [answer('invalid_service_data'), 'data that the service does not take', () => service(LAMP, 'turn_on', { foo: 1 })],
    [
      answer('invalid_automation'),
      'a trigger that nobody knows',
      () => home.tool('create_automation', { alias: 'x', trigger: [{ platform: 'telepathy' }], action: [{ service: 'light.turn_on' }] }),
    ],
    [
      answer('ha_error'),
      'a device that fails',
      () => {
        home.house.faults.next('call_service', { as: 'refuse', code: 'home_assistant_error', message: 'the lamp is gone' });
        return service(LAMP, 'turn_on');
      },
    ],
    [
      answer('ha_forbidden'),
      'what only an administrator may do',
      () => {
        home.house.faults.next('call_service', { as: 'refuse', code: 'unauthorized', message: 'Unauthorized' });
        return service(LAMP, 'turn_on');
      },
    ],
    [answer('result_too_large'), 'more than may be answered', () => home.tool('get_entity_state', { entity_id: LARGE })],
    [
      ['ha_timeout', 503, -32004],
      'a read that is never answered',
      () => {
        home.house.faults.always('GET /api/history', { as: 'hang' });
        return home.tool('get_history', { entity_id: LAMP });
      },
    ],
    [
      ['ha_outcome_unknown', 502, -32005, 'unknown'],
      'a write whose answer is lost',
      () => {
        home.house.faults.next('call_service', { as: 'lose_answer' });
        return service(LAMP, 'turn_on');
      },
    ],
  ])(
    '%j: %s',
    async (ending, _what, provoke) => {
      const reply = await provoke();
      said.push(reply);
      expect(endingOf(reply)).toEqual(ending);
    },
    MINUTE_MS,
  );

  it.each<[Ending, string, () => Promise<void>, () => Promise<void>]>([
    [['ha_unreachable', 503, -32004, 'not_started'], 'nobody there', () => home.house.vanish(), () => home.house.listen()],
    [
      ['ha_starting', 503, -32004, 'not_started'],
      'a house that is not ready yet',
      () => {
        home.house.mood.isRunning = false;
        home.house.dropAll();
        return Promise.resolve();
      },
      () => Promise.resolve(),
    ],
  ])(
    '%j: %s',
    async (ending, _what, leave, comeBack) => {
      await leave();
      const reply = await eventually(
        () => service(LAMP, 'turn_on'),
        (seen) => endingOf(seen)[0] === ending[0],
        MINUTE_MS,
      );
      said.push(reply);
      expect(endingOf(reply)).toEqual(ending);
      await comeBack();
      home.house.calm();
      await eventually(
        () => service(LAMP, 'turn_off'),
        ({ status }) => status === 200,
        MINUTE_MS,
      );
    },
    2 * MINUTE_MS,
  );

  it.each<[Ending, (house: FakeHomeAssistant) => void, Record<string, string>]>([
    [['ha_unauthorized', 503, -32004, 'not_started'], (house) => (house.mood.isTokenRevoked = true), {}],
    [['ha_banned', 503, -32004, 'not_started'], (house) => (house.mood.isBanned = true), {}],
    [['ha_not_configured', 503, -32004, 'not_started'], () => undefined, { HASS_TOKEN: '' }],
  ])(
    '%j, for as long as the configuration stays as it is',
    async (ending, offend, env) => {
      const house = await FakeHomeAssistant.open();
      offend(house);
      const refused = await Household.open({ children: 1, house, env, impatient: true });
      for (const reply of [await refused.service(LAMP, 'turn_on'), await refused.service(LAMP, 'turn_on')]) {
        said.push(reply);
        expect(endingOf(reply)).toEqual(ending);
        expect(reply.body.error.data.suggestion).toEqual(expect.any(String));
      }
      expect(house.journal.services()).toEqual([]);
      await refused.close();
    },
    MINUTE_MS,
  );

  it('tells the token in no answer, no line of the log and no text of the health page', async () => {
    for (const path of ['/health', '/mcp/status', '/metrics']) said.push(await home.bridge.get(path));
    expect(said.map(({ body }) => JSON.stringify(body)).filter((text) => text.includes(home.house.token))).toEqual([]);
    const lines = readFileSync(log, 'utf8');
    expect(lines).toContain('call_service');
    expect(lines).not.toContain(home.house.token);
  });
});

function endingOf({ status, body }: Reply): Ending {
  if (body.isError === true) return [body._meta['hass/error'], 'answer'];
  const { code, data } = body.error;
  return [data.reason, status, code, ...(data.outcome === undefined ? [] : [data.outcome])] as unknown as Ending;
}
