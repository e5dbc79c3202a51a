import { DemoHouse } from '../../src/home-assistant-server/demo/demo-house.js';
import { DemoServer } from '../../src/home-assistant-server/demo/server.js';
import type { Ability } from '../contract/home-assistant/fact.js';
import type { Version } from '../home-assistant/versions.js';
import { FakeHomeAssistant } from './fake-home-assistant.js';
import type { HouseAddress } from './house-client.js';
import { HouseFront } from './house-front/house-front.js';

/** A house that the facts of the protocol are asked of. */
export interface HouseColumn {
  readonly name: string;
  /** Whose recorded answers it has to give. */
  readonly version: string;
  has(ability: Ability): boolean;
  open(): Promise<{ address: HouseAddress; plain?: HouseAddress }>;
  close(): Promise<void>;
}

/** The houses that need nothing to run; the real one alone when somebody has started it. */
export function houseColumns(): readonly HouseColumn[] {
  const { HA_TEST_URL: url } = process.env;
  return url === undefined ? [demoHouse(), fakeHouse('2024.3.3'), fakeHouse('2025.4.4')] : [realHouse(url)];
}

/** The lamps take long enough for calls that come at once to meet. */
const LAMP_ACTION_MS = 20;

function demoHouse(): HouseColumn {
  const token = 'demo-of-the-protocol';
  const server = new DemoServer(new DemoHouse({ delayMs: LAMP_ACTION_MS }), token);
  return {
    name: 'the demo house',
    version: '2025.4.4',
    has: () => false,
    open: async () => ({ address: { url: await server.listen(0), token } }),
    close: () => server.close(),
  };
}

function fakeHouse(version: Version): HouseColumn {
  let fake: FakeHomeAssistant;
  let guests: HouseFront;
  return {
    name: `the fake one, ${version}`,
    version,
    has: (ability) => ability === 'users',
    async open() {
      fake = await FakeHomeAssistant.open({ version, delayMs: LAMP_ACTION_MS });
      guests = new HouseFront(fake.behind, 'fake-token-of-a-guest', fake.dialect);
      guests.mood.isPlainUser = true;
      await guests.listen();
      return { address: fake, plain: guests };
    },
    async close() {
      await guests.vanish();
      await fake.close();
    },
  };
}

function realHouse(url: string): HouseColumn {
  const { HA_TEST_TOKEN: token = '', HA_TEST_PLAIN_TOKEN: plainToken = '', HA_TEST_VERSION: version = '' } = process.env;
  return {
    name: `the real one, ${version}`,
    version,
    has: () => true,
    open: () => Promise.resolve({ address: { url, token }, plain: { url, token: plainToken } }),
    close: () => Promise.resolve(),
  };
}
