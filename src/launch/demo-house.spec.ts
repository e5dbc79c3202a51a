import { resolve } from 'node:path';
import { systemClock } from '../call/clock.js';
import { DemoHouse } from './demo-house.js';

const program = resolve('test/servers/fake-demo-house.mjs');
/** Waits a fiftieth of the time that a house gets to end, and as long as ever for one to listen. */
const impatient = { ...systemClock, after: (ms: number, callback: () => void) => systemClock.after(ms > 2000 ? ms : ms / 50, callback) };

describe('DemoHouse', () => {
  const houses: DemoHouse[] = [];
  const start = async (mode = '', clock = systemClock) => {
    const house = await DemoHouse.start({ program, env: { FAKE_HOUSE: mode }, clock });
    houses.push(house);
    return house;
  };
  afterEach(() => Promise.all(houses.splice(0).map((house) => house.close())));

  it('listens on loopback and has a token, when start resolves', async () => {
    const house = await start();
    expect(house.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await visit(house)).toMatchObject({ token: house.token });
  });

  it('gets no variable but those it was given, and its mark', async () => {
    expect(await visit(await start())).toMatchObject({ env: ['FAKE_HOUSE', 'HTTP_MCP_BRIDGE_WARDEN'] });
  });

  it('comes back at the same address with the same token when it dies', async () => {
    const house = await start();
    const { url, token } = house;
    const before = await visit(house);
    await fetch(`${url}/die`).catch(() => undefined);

    const after = await until(() => visit(house));
    expect(after.pid).not.toBe(before.pid);
    expect({ url: house.url, token: house.token, told: after.token }).toEqual({ url, token, told: token });
  });

  it('is gone when close resolves, even if it would rather stay', async () => {
    const house = await start('stubborn', impatient);
    const { pid } = await visit(house);
    await house.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('does not come back after close', async () => {
    const house = await start();
    await fetch(`${house.url}/die`).catch(() => undefined);
    await house.close();
    await expect(fetch(house.url)).rejects.toThrow();
  });

  it('says why it cannot start', async () => {
    await expect(start('broken')).rejects.toThrow('The demo house ended before it listened (exit code 3)');
  });
});

interface Visit {
  readonly pid: number;
  readonly token: string;
  readonly env: readonly string[];
}

async function visit({ url }: DemoHouse): Promise<Visit> {
  return (await (await fetch(url)).json()) as Visit;
}

async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise((next) => setTimeout(next, 20));
    }
  }
}
