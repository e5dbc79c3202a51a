import { Arguments } from '../../src/home-assistant-server/arguments.js';
import { type DemoOptions, DemoHouse } from '../../src/home-assistant-server/demo/demo-house.js';
import { DemoServer } from '../../src/home-assistant-server/demo/server.js';
import { HomeAssistant } from '../../src/home-assistant-server/home-assistant.js';
import { resultOf, type ToolResult } from '../../src/home-assistant-server/results.js';
import type { Settings } from '../../src/home-assistant-server/settings.js';
import { toolNamed } from '../../src/home-assistant-server/tools/tools.js';

const TOKEN = 'demo-of-the-tests';

/** A demo house on a port of its own, and clients that reach it over a real WebSocket. */
export class DemoHome {
  readonly demo: DemoHouse;
  private readonly server: DemoServer;
  private readonly clients: HomeAssistant[] = [];

  private constructor(options: DemoOptions) {
    this.demo = new DemoHouse(options);
    this.server = new DemoServer(this.demo, TOKEN);
  }

  static async open(options: DemoOptions = {}): Promise<DemoHome> {
    const home = new DemoHome(options);
    home.url = await home.server.listen(0);
    return home;
  }

  url = '';
  readonly token = TOKEN;

  client(more: Partial<Settings> = {}): HomeAssistant {
    const house = { url: this.url, token: TOKEN };
    const client = new HomeAssistant({ house, timeoutMs: 5000, maxResultBytes: 1_000_000, ...more });
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.connection.stop(0)));
    await this.server.close();
  }
}

/** As the MCP server calls a tool, failures thrown. */
export async function callTool(house: HomeAssistant, name: string, given: object, requestId?: string): Promise<ToolResult> {
  const tool = toolNamed(name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const answer = await tool.answer(new Arguments(given), house, { signal: AbortSignal.timeout(10_000), requestId });
  return resultOf(answer, house.settings.maxResultBytes);
}
