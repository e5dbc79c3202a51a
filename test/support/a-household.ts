import { join } from 'node:path';
import type { JsonObject } from '../../src/call/json.js';
import { Policy } from '../../src/policy/policy.js';
import { aBridge, type Reply, type RunningBridge } from './a-bridge.js';
import { eventually } from './eventually.js';
import { FakeHomeAssistant } from './fake-home-assistant.js';

const ROOT = join(__dirname, '../..');
export const UPSTREAM = 'home-assistant';
const STARTS_WITHIN_MS = 20_000;

export interface HouseholdOptions {
  readonly children?: number;
  /** Laid over the configuration of the bridge. */
  readonly settings?: object;
  /** For the children, beside the address of the house. */
  readonly env?: Record<string, string>;
  /** To be prepared before anybody connects. */
  readonly house?: FakeHomeAssistant;
  /** Begin although no child says that the house is there. */
  readonly impatient?: boolean;
}

/** The whole way: HTTP, bridge, real children, and a house that writes down what reaches it. */
export class Household {
  private constructor(
    readonly house: FakeHomeAssistant,
    readonly bridge: RunningBridge,
  ) {}

  static async open({ children = 4, settings = {}, env = {}, house, impatient = false }: HouseholdOptions = {}): Promise<Household> {
    const fake = house ?? (await FakeHomeAssistant.open());
    const program = {
      command: process.execPath,
      args: [join(ROOT, 'dist/home-assistant-server/main.js')],
      env: { ...fake.environment, ...env },
      policy: join(ROOT, 'config/policies/home-assistant.yaml'),
      min_connections: children,
      target_connections: children,
      max_connections: children,
      warm_spares: 0,
    };
    const household = new Household(fake, await aBridge({ audit: { file: '/dev/null' }, upstreams: { [UPSTREAM]: program }, ...settings }));
    if (!impatient) await household.settled(children);
    return household;
  }

  /** All children are there and connected, and the groups are known. */
  async settled(children: number): Promise<void> {
    await this.connected(children);
    await this.knowsGroups();
  }

  async knowsGroups(): Promise<void> {
    await eventually(() => this.locksOf('light', 'turn_on', 'light.salon').length === 3, Boolean, STARTS_WITHIN_MS);
  }

  async connected(children: number): Promise<void> {
    const ready = async () => (await this.bridge.get('/mcp/status')).body.sessions.available as number;
    await eventually(ready, (count) => count === children, STARTS_WITHIN_MS);
    await eventually(() => this.house.openSockets === children, Boolean, STARTS_WITHIN_MS);
  }

  tool(name: string, args: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
    return this.bridge.call(name, args, headers);
  }

  service(entity: string, service: string, data: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
    return this.tool('call_service', { domain: entity.split('.')[0], service, entity_id: entity, data }, headers);
  }

  async stateOf(entity: string, headers: Record<string, string> = {}): Promise<string> {
    return (await this.tool('get_entity_state', { entity_id: entity }, headers)).body.structuredContent.state as string;
  }

  /** What a service call on this entity, or on what its data names, would lock at present. */
  locksOf(domain: string, service: string, entity?: string, data: JsonObject = {}): readonly string[] {
    const params = { name: 'call_service', arguments: { domain, service, entity_id: entity ?? null, data } };
    const call = { server: UPSTREAM, method: 'tools/call' as const, name: 'call_service', params, principal: 'test' };
    return this.bridge.app
      .get(Policy)
      .plan(call, { cacheControl: {} })
      .locks.map(({ path }) => path.join('/'));
  }

  async close(): Promise<void> {
    await this.bridge.close();
    await this.house.close();
  }
}
