import { DemoHouse, type DemoOptions } from '../../src/home-assistant-server/demo/demo-house.js';
import { DemoServer } from '../../src/home-assistant-server/demo/server.js';
import { HouseFront } from './house-front/house-front.js';

const TOKEN = 'fake-token-of-the-tests';

/** A Home Assistant that misbehaves on command: the demo house behind a front that writes down all that reaches it. */
export class FakeHomeAssistant extends HouseFront {
  private constructor(
    readonly demo: DemoHouse,
    private readonly program: DemoServer,
    url: string,
  ) {
    super({ url, token: TOKEN });
  }

  static async open(options: DemoOptions = {}): Promise<FakeHomeAssistant> {
    const demo = new DemoHouse(options);
    const server = new DemoServer(demo, TOKEN);
    const fake = new FakeHomeAssistant(demo, server, await server.listen(0));
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
