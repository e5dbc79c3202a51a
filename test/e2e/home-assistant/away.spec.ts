import { setTimeout as pause } from 'node:timers/promises';
import { Household } from '../../support/a-household.js';
import { moveIn } from '../../support/crowd.js';
import { aServer } from '../../support/home-assistant-child.js';
import { processesMarked } from '../../support/processes.js';
import { eventually } from '../../support/eventually.js';
import type { Reply } from '../../support/a-bridge.js';
import { FakeHomeAssistant } from '../../support/fake-home-assistant.js';

const LAMP = 'light.salon_lamp';
const MINUTE_MS = 60_000;
/** So that a call finds out in half a second, not in five, and the circuit opens early. */
const IMPATIENT = { children: 2, env: { HASS_TIMEOUT_MS: '500' } };
const breaker = (failure_threshold: number, recovery_timeout_seconds: number) => ({
  settings: { circuit_breaker: { failure_threshold, recovery_timeout_seconds } },
});

describe('While the house is away', () => {
  let home: Household;

  afterEach(() => home.close(), MINUTE_MS);

  it(
    'gives the last list with its age, then the empty one with its notice, and 503 with the reason for all else',
    async () => {
      home = await Household.open({ ...IMPATIENT, ...breaker(3, 60) });
      await home.tool('get_entities', { domain: 'light' });
      await home.house.vanish();
      const stale = await home.tool('get_entities', { domain: 'light' }, { 'X-Cache-Control': 'max-age=0' });
      expect(stale.body).toMatchObject({ isError: false, bridge_info: { stale: true, age_ms: expect.any(Number) } });
      expect(stale.body.structuredContent.total).toBe(5);

      const empty = await home.tool('get_entities', { domain: 'vacuum' });
      expect(empty.body).toMatchObject({
        isError: false,
        bridge_info: { fallback: 'empty' },
        structuredContent: { total: 0, entities: [] },
      });
      expect(empty.body.content[1].text).toContain('injoignable');
      const services = await home.tool('get_services', {});
      expect(services.body).toMatchObject({ isError: false, bridge_info: { fallback: 'minimal' }, structuredContent: { total: 3 } });

      for (const refused of [await home.service(LAMP, 'turn_on'), await home.tool('get_entity_state', { entity_id: LAMP })]) {
        expect([refused.status, refused.body.error.code]).toEqual([503, -32004]);
        expect(refused.body.error.data.reason).toBe('ha_unreachable');
      }
      expect(home.house.journal.services()).toEqual([]);
    },
    MINUTE_MS,
  );

  it(
    'says that it starts until it runs, and comes back with fresh answers, also when a subscription is refused',
    async () => {
      home = await Household.open({ ...IMPATIENT, ...breaker(5, 0.5) });
      await home.tool('get_entity_state', { entity_id: LAMP });
      home.house.mood.isRunning = false;
      await home.house.vanish();
      home.house.demo.house.set(LAMP, { state: 'on' }, { id: 'meanwhile', parent_id: null, user_id: null });
      await home.house.listen();
      const starting = await eventually(
        () => home.service(LAMP, 'turn_off', {}, { 'X-Timeout': '4' }),
        ({ body }) => body.error?.data.reason === 'ha_starting',
        MINUTE_MS,
      );
      expect(starting.status).toBe(503);
      home.house.faults.next('subscribe_entities', { as: 'refuse', code: 'unknown_error' });
      home.house.mood.isRunning = true;
      const uncached = { 'X-Cache-Control': 'no-cache' };
      await eventually(async () => (await home.tool('get_entity_state', { entity_id: LAMP }, uncached)).status === 200, Boolean, 20_000);
      expect(await home.stateOf(LAMP)).toBe('on');
    },
    MINUTE_MS,
  );
});

describe('A token that was revoked', () => {
  it(
    'costs one login a child, no fallback, no further child; health names the cause',
    async () => {
      const home = await Household.open({ children: 2 });
      await home.tool('get_entities', { domain: 'light' });
      home.house.mood.isTokenRevoked = true;
      home.house.journal.clear();
      home.house.dropAll();

      const health = await eventually(
        () => home.bridge.get('/health'),
        ({ status }) => status === 503,
        20_000,
      );
      expect(health.body.dependencies.home_assistant).toMatchObject({ status: 'error', error: 'Access token refused' });
      await eventually(() => home.house.journal.refusedLogins === 2);
      for (let calls = 0; calls < 20; calls += 1) {
        const read = await home.tool('get_entities', { domain: 'light' }, { 'X-Cache-Control': 'max-age=0' });
        expect([read.status, read.body.error.code, read.body.error.data.reason]).toEqual([503, -32004, 'ha_unauthorized']);
        expect((await home.service(LAMP, 'turn_on')).status).toBe(503);
      }
      await pause(2_000); // longer than a child needs to connect again
      expect(home.house.journal.refusedLogins).toBe(2);
      expect((await home.bridge.get('/mcp/status')).body.sessions.total).toBe(2);
      await home.close();
    },
    MINUTE_MS,
  );

  it(
    'from the beginning: one child, one login, whoever asks',
    async () => {
      const house = await FakeHomeAssistant.open();
      house.mood.isTokenRevoked = true;
      const home = await Household.open({ children: 4, house, impatient: true });
      await eventually(
        async () => (await home.bridge.get('/health')).body.dependencies.home_assistant.error === 'Access token refused',
        Boolean,
        20_000,
      );
      for (let calls = 0; calls < 10; calls += 1)
        expect((await home.service(LAMP, 'turn_on')).body.error.data.reason).toBe('ha_unauthorized');
      expect([house.journal.refusedLogins, (await home.bridge.get('/mcp/status')).body.sessions.total]).toEqual([1, 1]);
      await home.close();
    },
    MINUTE_MS,
  );

  it(
    'is in no answer, no health text, no metric and no status',
    async () => {
      const home = await Household.open({ children: 1 });
      const secret = home.house.token;
      const answers = async () => [
        await home.tool('get_entities', { domain: 'light' }, { 'X-Cache-Control': 'no-store' }),
        await home.tool('get_history', { entity_id: LAMP }),
        await home.service(LAMP, 'turn_on', { secret: true }),
        await home.tool('create_automation', { alias: 'x', trigger: [{ platform: 'telepathy' }], action: [{}] }),
        await home.bridge.get('/health'),
        await home.bridge.get('/mcp/status'),
        await home.bridge.get('/metrics'),
      ];
      const said = await answers();
      home.house.mood.isTokenRevoked = true;
      home.house.dropAll();
      await eventually(async () => (await home.bridge.get('/health')).status === 503, Boolean, 20_000);
      said.push(...(await answers()));
      await home.close();
      expect(said.map(({ body }) => JSON.stringify(body)).filter((text) => text.includes(secret))).toEqual([]);
    },
    MINUTE_MS,
  );

  it(
    'is not what a plain user has: asking for an automation causes no failed login',
    async () => {
      const house = await FakeHomeAssistant.open();
      house.mood.isPlainUser = true;
      const home = await Household.open({ children: 1, house });
      const { status, body } = await home.tool('create_automation', {
        alias: 'x',
        trigger: [{ platform: 'time' }],
        action: [{ service: 'light.turn_on' }],
      });
      expect([status, body.isError, body._meta['hass/error']]).toEqual([200, true, 'ha_forbidden']);
      expect([house.journal.refusedLogins, house.journal.of('POST')]).toEqual([0, []]);
      await home.close();
    },
    MINUTE_MS,
  );
});

describe('An address that Home Assistant has banned', () => {
  let home: Household;
  const refusal = ({ status, body }: Reply) => [status, body.error?.code, body.error?.data.reason];

  beforeEach(async () => {
    home = await Household.open({ children: 1 });
    await home.tool('get_entities', { domain: 'light' });
    home.house.mood.isBanned = true;
  }, MINUTE_MS);
  afterEach(() => home.close(), MINUTE_MS);

  it(
    'goes on with the socket it has, until a request tells of the ban',
    async () => {
      expect((await home.service(LAMP, 'turn_on')).status).toBe(200);
      const history = await home.tool('get_history', { entity_id: LAMP });
      expect(refusal(history)).toEqual([503, -32004, 'ha_banned']);
      expect(history.body.error.data.suggestion).toContain('ip_bans.yaml');
      expect(refusal(await home.service(LAMP, 'turn_off'))).toEqual([503, -32004, 'ha_banned']);
      expect(home.house.journal.services().map(({ service }) => service)).toEqual(['turn_on']);
    },
    MINUTE_MS,
  );

  it(
    'is told so when it connects anew, gets no fallback, and its health names the cause',
    async () => {
      home.house.dropAll();
      const health = await eventually(
        async () => (await home.bridge.get('/health')).body.dependencies.home_assistant,
        ({ error }) => error === 'Address banned',
        20_000,
      );
      expect(health.status).toBe('error');
      const read = await home.tool('get_entities', { domain: 'light' }, { 'X-Cache-Control': 'max-age=0' });
      expect(refusal(read)).toEqual([503, -32004, 'ha_banned']);
      expect(home.house.journal.refusedLogins).toBe(0);
    },
    MINUTE_MS,
  );
});

describe('A house that is slow, large or odd', () => {
  it(
    'tells its health at once while ten calls hang',
    async () => {
      const house = await FakeHomeAssistant.open();
      const { client } = await aServer(house.environment);
      const notify = () =>
        client.callTool({ name: 'call_service', arguments: { domain: 'notify', service: 'notify', data: { message: 'm' } } });
      await notify();
      house.faults.always('call_service', { as: 'hang' });
      const hanging = Array.from({ length: 10 }, () => notify().catch(() => undefined));
      await eventually(() => house.journal.services().length === 11);
      const { contents } = await client.readResource({ uri: 'hass://health' });
      expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ status: 'ok', details: { entities_count: 23 } });
      await client.close();
      await Promise.all(hanging);
      await house.close();
    },
    MINUTE_MS,
  );

  it(
    'leads, with 5,000 entities, through pages of less than a megabyte to every entity exactly once',
    async () => {
      const house = await FakeHomeAssistant.open();
      const ids = moveIn(house.demo, 5_000);
      const home = await Household.open({ children: 1, house });
      const seen: string[] = [];
      for (let offset: number | undefined = 0; offset !== undefined;) {
        const { body }: any = await home.tool('get_entities', { limit: 500, offset });
        expect(JSON.stringify(body).length).toBeLessThan(1_000_000);
        seen.push(...body.structuredContent.entities.map(({ entity_id }: any) => entity_id as string));
        offset = body.structuredContent.next_offset as number | undefined;
      }
      expect(seen).toHaveLength(5_023);
      expect(new Set(seen).size).toBe(5_023);
      expect(ids.every((id) => seen.includes(id))).toBe(true);
      await home.close();
    },
    MINUTE_MS,
  );

  it(
    'speaks in arrays, of events and fields of a later version, and nothing changes',
    async () => {
      const house = await FakeHomeAssistant.open();
      house.mood.speaksInArrays = true;
      house.faults.always('get_config', { as: 'edit', edit: (config) => ({ ...(config as object), news: { of: 'later' } }) });
      const home = await Household.open({ children: 1, house });
      expect((await home.service(LAMP, 'turn_on')).body.structuredContent.changed).toHaveLength(2);
      expect(await home.stateOf(LAMP)).toBe('on');
      await home.close();
    },
    MINUTE_MS,
  );

  it(
    'costs the connection, not the child, with a frame of 70 MiB',
    async () => {
      const home = await Household.open({ children: 1, env: { HASS_TEST_MARK: 'frame' } });
      const child = processesMarked('HASS_TEST_MARK=frame');
      home.house.faults.next('get_services', { as: 'answer', result: 'x'.repeat(70 << 20) });
      home.house.demo.house.fire('service_registered', { domain: 'x', service: 'y' });
      const { status } = await home.tool('get_services', { domain: 'light' });
      expect(status).toBe(200);
      await eventually(() => home.house.openSockets === 1, Boolean, 20_000);
      expect((await home.tool('get_services', { domain: 'light' })).body.isError).toBe(false);
      expect(processesMarked('HASS_TEST_MARK=frame')).toEqual(child);
      await home.close();
    },
    MINUTE_MS,
  );
});
