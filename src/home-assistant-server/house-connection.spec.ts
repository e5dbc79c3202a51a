import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.js';
import { RudeHouse } from '../../test/support/rude-house.js';
import { HouseFailure } from './failures.js';
import { HomeAssistant } from './home-assistant.js';
import { HEARTBEAT, HouseConnection } from './house-connection.js';
import { healthOf } from './house-health.js';
import type { Heartbeat } from './house-socket.js';

const SOON = { silenceMs: 100, pongWithinMs: 100 };
/** What 70 MiB may take on a busy machine. */
const LARGE_MS = 30_000;
const ORDER = { domain: 'light', service: 'turn_on', service_data: {} };

describe(HouseConnection.name, () => {
  let house: HomeAssistant;
  let open: { rude: RudeHouse; house: HomeAssistant }[] = [];

  async function connected(manners: RudeHouse, token = 'good', heartbeat: Heartbeat = SOON): Promise<HomeAssistant> {
    const settings = { house: { url: await manners.listen(), token }, timeoutMs: 2000, maxResultBytes: 1_000_000 };
    house = new HomeAssistant(settings, heartbeat);
    open.push({ rude: manners, house });
    return house;
  }

  afterEach(async () => {
    await Promise.all(open.map((pair) => pair.house.connection.stop(0)));
    open.forEach((pair) => pair.rude.close());
    open = [];
  });

  const inTime = () => AbortSignal.timeout(3000);
  const settled = (state: string) => eventually(() => house.connection.phase.state === state);

  it('says that nobody is there, with the proof that nothing was sent', async () => {
    const nobody = new HomeAssistant({ house: { url: 'http://127.0.0.1:1', token: 'good' }, timeoutMs: 500, maxResultBytes: 1000 });

    const failed = nobody.connection.write('call_service', ORDER, AbortSignal.timeout(200));
    await expect(failed).rejects.toMatchObject({
      code: 'ha_unreachable',
      meta: { 'bridge/failure': { kind: 'unavailable', dispatched: false } },
    });
    await nobody.connection.stop(0);
  });

  it('logs in once with a token that is refused, and not again for whoever asks', async () => {
    const strict = new RudeHouse();
    await connected(strict, 'bad');

    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(house.connection.ask('get_services', {}, inTime())).rejects.toMatchObject({ code: 'ha_unauthorized', refused: true });
    }
    expect(strict.logins).toBe(1);
    expect(healthOf(house)).toMatchObject({ status: 'refused', error: 'Access token refused' });
    expect(JSON.stringify(healthOf(house))).not.toContain('bad');
  });

  it('costs a revoked token one login', async () => {
    const strict = new RudeHouse();
    await connected(strict);
    await house.states(inTime());

    strict.revokeToken();
    await settled('refused');

    expect(strict.logins).toBe(2);
  });

  describe('as time passes', () => {
    beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
    afterEach(() => jest.useRealTimers());

    /** What other processes say comes in its own time. */
    const seen = async (isSo: () => boolean) => {
      while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
    };
    const minutes = (count: number) => jest.advanceTimersByTimeAsync(count * 60_000);

    it('logs in once more with a revoked token, never in the next minutes, and for one call a quarter of an hour later', async () => {
      const strict = new RudeHouse();
      await connected(strict);
      await house.states(inTime());
      strict.revokeToken();
      await seen(() => house.connection.phase.state === 'down');
      await minutes(1);
      await seen(() => house.connection.phase.state === 'refused');
      expect(strict.logins).toBe(2);

      for (let passed = 0; passed < 14; passed++) {
        await minutes(1);
        await expect(house.states(inTime())).rejects.toMatchObject({ code: 'ha_unauthorized' });
      }
      expect(strict.logins).toBe(2);
      await minutes(2);
      await expect(house.states(inTime())).rejects.toMatchObject({ code: 'ha_unauthorized' });
      await expect(house.states(inTime())).rejects.toMatchObject({ code: 'ha_unauthorized' });
      expect(strict.logins).toBe(3);
    });

    it('takes twenty seconds, and no more, to find a connection that hangs, and says that it is down', async () => {
      const hanging = new RudeHouse();
      await connected(hanging, 'good', HEARTBEAT);
      await house.states(inTime());
      hanging.behave(() => 'silence');
      await jest.advanceTimersByTimeAsync(19_000);
      expect(healthOf(house)).toMatchObject({ status: 'ok', details: { status: 'connected' } });
      await jest.advanceTimersByTimeAsync(1_000);
      await seen(() => house.connection.phase.state === 'down');
      expect(healthOf(house)).toMatchObject({ status: 'down', error: 'Connection lost', details: { status: 'down' } });
    });
  });

  describe('refused in answer to another request', () => {
    const refusal = new HouseFailure('ha_banned', 'no');

    it('stays so while it waits to connect again', async () => {
      const strict = new RudeHouse();
      await connected(strict);
      await house.states(inTime());
      const random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
      strict.drop();
      await settled('down');
      random.mockRestore();
      const { phase } = house.connection;

      house.connection.refuse(refusal);
      await pause('retryAtMs' in phase ? phase.retryAtMs - performance.now() + 5 : 0);

      expect(house.connection.phase).toMatchObject({ state: 'refused', failure: refusal });
      expect(strict.logins).toBe(1);
    });

    it('stays so while a socket opens, and leaves that socket', async () => {
      const strict = new RudeHouse();
      await connected(strict);

      house.connection.start();
      house.connection.refuse(refusal);
      while (strict.logins === 0 || strict.openSockets > 0) await pause(5);

      expect(house.connection.phase).toMatchObject({ state: 'refused', failure: refusal });
      await expect(house.states(inTime())).rejects.toBe(refusal);
    });
  });

  it('does not know what became of a write whose answer was lost, and does not repeat it', async () => {
    const deaf = new RudeHouse(({ type }, socket) => {
      if (type !== 'call_service') return 'answer';
      socket.terminate();
      return 'silence';
    });
    await connected(deaf);

    const lost = house.connection.write('call_service', ORDER, inTime());
    await expect(lost).rejects.toMatchObject({
      code: 'ha_outcome_unknown',
      meta: { 'bridge/failure': { kind: 'unknown', dispatched: true } },
    });
    await house.states(inTime());
    expect(deaf.received.filter(({ type }) => type === 'call_service')).toHaveLength(1);
  });

  it('tells a read that was lost from one that was never sent', async () => {
    const deaf = new RudeHouse(({ type }, socket) => {
      if (type !== 'get_services') return 'answer';
      socket.terminate();
      return 'silence';
    });
    await connected(deaf);

    await expect(house.connection.ask('get_services', {}, inTime())).rejects.toMatchObject({
      meta: { 'bridge/failure': { code: 'ha_timeout', dispatched: true } },
    });
  });

  it('ends a read when its time is over, and goes on', async () => {
    const slow = new RudeHouse(({ type }) => (type === 'get_services' ? 'silence' : 'answer'));
    await connected(slow, 'good', HEARTBEAT);
    await house.states(inTime());

    await expect(house.connection.ask('get_services', {}, AbortSignal.timeout(300))).rejects.toMatchObject({ code: 'ha_timeout' });
    await expect(house.states(inTime())).resolves.toBeDefined();
  });

  it('finds out that nobody answers any more, and connects anew', async () => {
    const moody = new RudeHouse();
    await connected(moody);
    await house.states(inTime());

    moody.behave(() => 'silence');
    await settled('down');
    moody.behave(() => 'answer');

    await expect(house.states(AbortSignal.timeout(5000))).resolves.toBeDefined();
    expect(moody.logins).toBeGreaterThanOrEqual(2);
  });

  it('takes a socket for dead that leaves a ping unanswered, however much else it says', async () => {
    const chatty = new RudeHouse();
    await connected(chatty);
    await house.states(inTime());

    let noise: NodeJS.Timeout | undefined;
    chatty.behave(({ type }, socket) => {
      if (type !== 'ping') return 'answer';
      noise ??= setInterval(() => socket.send('{}'), 5);
      return 'silence';
    });
    const read = house.states(AbortSignal.timeout(5000));
    await settled('down');
    clearInterval(noise);
    chatty.behave(() => 'answer');
    await expect(read).rejects.toMatchObject({ code: 'ha_timeout' });
    await expect(house.states(AbortSignal.timeout(5000))).resolves.toBeDefined();
  });

  it('says that the house is starting until it runs', async () => {
    let state = 'STARTING';
    const sleepy = new RudeHouse(({ id, type }, socket) => {
      if (type !== 'get_config') return 'answer';
      socket.send(JSON.stringify({ id, type: 'result', success: true, result: { state } }));
      return 'silence';
    });
    await connected(sleepy);

    await expect(house.states(AbortSignal.timeout(300))).rejects.toMatchObject({ code: 'ha_starting' });
    state = 'RUNNING';
    await expect(house.states(inTime())).resolves.toBeDefined();
  });

  it('survives a subscription that is refused', async () => {
    const closed = new RudeHouse(({ id, type }, socket) => {
      if (type !== 'subscribe_events') return 'answer';
      socket.send(JSON.stringify({ id, type: 'result', success: false, error: { code: 'unauthorized', message: 'Unauthorized' } }));
      return 'silence';
    });
    await connected(closed);

    expect((await house.states(inTime())).size).toBe(1);
  });

  it('understands several messages in one frame, and passes over what it does not know', async () => {
    const chatty = new RudeHouse(({ id, type }, socket) => {
      if (type !== 'ping') return 'answer';
      socket.send(JSON.stringify([{ id: 999, type: 'event', event: { zz: 1 } }, { type: 'news' }, 'x', null, { id, type: 'pong' }]));
      return 'silence';
    });
    await connected(chatty);

    expect((await house.states(inTime())).size).toBe(1);
  });

  it(
    'loses the connection, not itself, to an answer of 70 MiB',
    async () => {
      const huge = new RudeHouse(({ id, type }, socket) => {
        if (type !== 'get_services') return 'answer';
        socket.send(JSON.stringify({ id, type: 'result', success: true, result: 'x'.repeat(70 << 20) }));
        return 'silence';
      });
      await connected(huge, 'good', HEARTBEAT);

      await expect(house.connection.ask('get_services', {}, AbortSignal.timeout(LARGE_MS))).rejects.toMatchObject({
        code: 'result_too_large',
      });
      await expect(house.states(AbortSignal.timeout(LARGE_MS))).resolves.toBeDefined();
    },
    LARGE_MS,
  );

  it('refuses a message that Home Assistant could not take before it is sent, and keeps the connection', async () => {
    const small = new RudeHouse();
    await connected(small);

    const tooLarge = (fields: object) => house.connection.write('call_service', { ...ORDER, ...fields }, inTime());
    const named = (name: string) => ({
      code: 'invalid_service_data',
      message: expect.stringMatching(new RegExp(`^${name} est trop long: .* 41\\d{5} octets, .* 4194304; en envoyer moins`)),
    });
    await expect(tooLarge({ service_data: { note: 'x'.repeat(4 << 20) } })).rejects.toMatchObject(named('data'));
    await expect(tooLarge({ target: { entity_id: ['x'.repeat(4 << 20)] } })).rejects.toMatchObject(named('entity_id'));
    await expect(house.connection.write('call_service', ORDER, inTime())).resolves.toBeDefined();
    expect([small.logins, small.received.filter(({ type }) => type === 'call_service').length]).toEqual([1, 1]);
  });

  it('shares one ping among reads that begin together', async () => {
    const counted = new RudeHouse();
    await connected(counted);
    await house.states(inTime());
    const before = counted.received.filter(({ type }) => type === 'ping').length;

    await Promise.all(Array.from({ length: 20 }, () => house.states(inTime())));

    expect(counted.received.filter(({ type }) => type === 'ping').length - before).toBeLessThanOrEqual(2);
  });

  it.each(['HASS_URL', 'HASS_TOKEN'])('connects nowhere while %s is missing, and says so', async (missing) => {
    const nowhere = new HomeAssistant({ house: { missing }, timeoutMs: 500, maxResultBytes: 1000 });

    const failed = nowhere.states(inTime());
    await expect(failed).rejects.toMatchObject({ code: 'ha_not_configured', message: expect.stringContaining(missing) });
  });
});
