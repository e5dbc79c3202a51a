import { aProcess, type BridgeProcess } from '../support/a-process.js';
import { eventually } from '../support/eventually.js';
import { childrenOf, processesMarked } from '../support/processes.js';

const FOUR_CHILDREN = { min_connections: 4, target_connections: 4, max_connections: 4, warm_spares: 0 };
const LAMP = 'light.salon_lamp';
const MINUTE_MS = 60_000;

describe('The demo house behind the bridge', () => {
  let bridge: BridgeProcess;

  beforeAll(async () => {
    bridge = await aProcess(['--config', JSON.stringify({ session_pool: FOUR_CHILDREN, rate_limiting: { enabled: false } })], {
      HASS_DEMO_TICK_MS: '0',
    });
    await eventually(
      async () => (await get('/mcp/status')).sessions.available,
      (ready) => ready === 4,
      20_000,
    );
  }, MINUTE_MS);
  afterAll(() => bridge.stop());

  const get = async (path: string) => (await (await fetch(bridge.url + path)).json()) as any;
  async function call(name: string, args: object, headers: Record<string, string> = {}) {
    const body = JSON.stringify({ name, arguments: args });
    const response = await fetch(`${bridge.url}/mcp/tools/call`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
    });
    return { status: response.status, body: (await response.json()) as any };
  }
  const service = (entity: string, name: string, data: object = {}, headers = {}) =>
    call('call_service', { domain: entity.split('.')[0], service: name, entity_id: entity, data }, headers);
  const stateOf = async (entity: string, headers = {}) =>
    (await call('get_entity_state', { entity_id: entity }, headers)).body.structuredContent.state as string;
  const changesOf = async (entity: string) =>
    (await call('get_history', { entity_id: entity, hours: 1 })).body.structuredContent.count as number;

  it(
    'makes twenty changes of twenty toggles sent at once, and leaves the lamp as it was',
    async () => {
      const before = await stateOf(LAMP);
      const changes = await changesOf(LAMP);
      const replies = await Promise.all(Array.from({ length: 20 }, () => service(LAMP, 'toggle', { demo_delay_ms: 20 })));
      expect(replies.map(({ status, body }) => [status, body.isError])).toEqual(Array(20).fill([200, false]));
      expect(await stateOf(LAMP)).toBe(before);
      expect((await changesOf(LAMP)) - changes).toBe(20);
    },
    MINUTE_MS,
  );

  it('takes one lock for one lamp, however its id is spelled', async () => {
    const changes = await changesOf(LAMP);
    const spellings = [LAMP, ' Light.Salon_Lamp ', 'LIGHT.SALON_LAMP', [LAMP]];
    const calls = spellings.flatMap((entity) =>
      [1, 2].map(() => call('call_service', { domain: 'light', service: 'toggle', entity_id: entity, data: { demo_delay_ms: 20 } })),
    );
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await changesOf(LAMP)) - changes).toBe(8);
  });

  it('shows a write to every reader at once, through whichever child, never the cached state', async () => {
    for (const state of ['on', 'off', 'on']) {
      await service(LAMP, `turn_${state}`);
      expect(await Promise.all(Array.from({ length: 8 }, () => stateOf(LAMP)))).toEqual(Array(8).fill(state));
      expect(await stateOf(LAMP, { 'X-Cache-Control': 'no-cache' })).toBe(state);
    }
  });

  it('answers a second read from the cache, and says so', async () => {
    await stateOf('switch.tv');
    expect((await call('get_entity_state', { entity_id: 'switch.tv' })).body.bridge_info).toMatchObject({
      cached: true,
      attempts: 0,
      priority: 'CRITICAL',
    });
  });

  it(
    'lets a slow write end after its caller was told unknown, once, before the next write of that lamp',
    async () => {
      await service('light.chambre', 'turn_off');
      const slow = await service('light.chambre', 'turn_on', { demo_delay_ms: 1500 }, { 'X-Timeout': '0.3' });
      expect([slow.status, slow.body.error.data]).toEqual([504, expect.objectContaining({ phase: 'running', outcome: 'unknown' })]);
      const next = await service('light.chambre', 'turn_off');
      expect(next.status).toBe(200);
      const { states } = (await call('get_history', { entity_id: 'light.chambre', hours: 1 })).body.structuredContent;
      expect(states.slice(-2).map(({ state }: { state: string }) => state)).toEqual(['on', 'off']);
    },
    MINUTE_MS,
  );

  it('names near ids for one that does not exist, and sends nothing', async () => {
    const { status, body } = await service('light.salon_lampe', 'turn_on');
    expect([status, body.isError]).toEqual([200, true]);
    expect(body.content[0].text).toContain(LAMP);
  });

  it('is told to be a demo by its answers, its health and its status', async () => {
    expect((await call('get_entities', { domain: 'all' })).body._meta['hass/mode']).toBe('demo');
    expect((await get('/mcp/status')).home_assistant).toMatchObject({ url: 'demo://maison', mode: 'demo', entities_count: 23 });
  });
});

describe('A house that goes away', () => {
  let bridge: BridgeProcess;

  beforeAll(async () => {
    const config = { rate_limiting: { enabled: false }, circuit_breaker: { recovery_timeout_seconds: 0.5 } };
    bridge = await aProcess(['--config', JSON.stringify(config)], { HASS_DEMO_TICK_MS: '0' });
  }, MINUTE_MS);
  afterAll(() => bridge.stop());

  const call = async (name: string, args: object, headers: Record<string, string> = {}) => {
    const body = JSON.stringify({ name, arguments: args });
    const response = await fetch(`${bridge.url}/mcp/tools/call`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
    });
    return { status: response.status, body: (await response.json()) as any };
  };

  it(
    'is told as such, answered from memory where that is allowed, and found again',
    async () => {
      await call('get_entities', { domain: 'light' });
      // other specs have bridges and houses of their own
      const ours = childrenOf(bridge.pid);
      const [house] = processesMarked('HASS_DEMO_TICK_MS=0').filter((pid) => ours.includes(pid));
      process.kill(house!, 'SIGKILL');

      const write = await call('call_service', { domain: 'light', service: 'turn_on', entity_id: LAMP }, { 'X-Timeout': '0.15' });
      // sent into the dying socket, or kept back: either is true, and either is told
      if (write.status !== 200) expect(['not_started', 'unknown']).toContain(write.body.error.data.outcome);
      expect((await call('get_entities', { domain: 'light' })).status).toBe(200);
      await eventually(
        () => call('call_service', { domain: 'light', service: 'turn_on', entity_id: LAMP }),
        ({ status }) => status === 200,
        20_000,
      );
    },
    MINUTE_MS,
  );
});
