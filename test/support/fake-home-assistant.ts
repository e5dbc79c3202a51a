import { DemoHouse, type DemoOptions } from '../../src/home-assistant-server/demo/demo-house.js';
import { DemoServer } from '../../src/home-assistant-server/demo/server.js';
import type { Version } from '../home-assistant/versions.js';
import { type Dialect, DIALECTS } from './house-front/dialect.js';
import { HouseFront } from './house-front/house-front.js';

const TOKEN = 'fake-token-of-the-tests';

export interface FakeOptions extends DemoOptions {
  /** Whose words it uses where the versions differ. */
  readonly version?: Version;
}

/** A Home Assistant that misbehaves on command: the demo house behind a front that writes down all that reaches it. */
export class FakeHomeAssistant extends HouseFront {
  private constructor(
    readonly demo: DemoHouse,
    private readonly program: DemoServer,
    url: string,
    dialect: Dialect,
  ) {
    super({ url, token: TOKEN }, TOKEN, dialect);
  }

  static async open({ version = '2025.4.4', ...options }: FakeOptions = {}): Promise<FakeHomeAssistant> {
    const dialect = DIALECTS[version];
    const demo = new DemoHouse(options);
    dialect.teach(demo);
    const server = new DemoServer(demo, TOKEN);
    const fake = new FakeHomeAssistant(demo, server, await server.listen(0), dialect);
    await fake.listen();
    return fake;
  }

  /** What the bridge's child needs to find it. */
  get environment(): Record<string, string> {
    return { HASS_URL: this.url, HASS_TOKEN: this.token };
  }

  async close(): Promise<void> {
    await this.vanish();
    await this.program.close();
  }
}
