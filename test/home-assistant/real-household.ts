import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Policy } from '../../src/policy/policy.js';
import { aBridge, type Reply, type RunningBridge } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { HouseClient } from '../support/house-client.js';
import { HouseFront } from '../support/house-front/house-front.js';

const ROOT = join(import.meta.dirname, '../..');
const UPSTREAM = 'home-assistant';
const CHILDREN = 4;
const STARTS_WITHIN_MS = 20_000;

interface HouseholdOptions {
  /** Laid over the configuration of the bridge. */
  readonly settings?: object;
  /** As a user without administrator's rights. */
  readonly asPlainUser?: boolean;
  /** With them unknown a call waits for more than it touches. */
  readonly groupsKnown?: boolean;
}

export interface AuditLine {
  readonly tool: string;
  readonly lock_keys: readonly string[];
  readonly sequence: number;
  readonly outcome: string;
  readonly request_id: string;
}

/** The whole way to a real Home Assistant: HTTP, bridge, real children, and a front that writes down what passes. */
export class RealHousehold {
  private readonly folder = mkdtempSync(join(tmpdir(), 'household-'));
  bridge!: RunningBridge;

  private constructor(
    readonly front: HouseFront,
    /** Straight to the house, past everything that is under test. */
    readonly direct: HouseClient,
  ) {}

  static async open({ settings = {}, asPlainUser = false, groupsKnown = true }: HouseholdOptions = {}): Promise<RealHousehold> {
    const { HA_TEST_URL: url = '', HA_TEST_TOKEN: admin = '', HA_TEST_PLAIN_TOKEN: plain = '' } = process.env;
    const front = new HouseFront({ url, token: asPlainUser ? plain : admin });
    await front.listen();
    const household = new RealHousehold(front, await HouseClient.join({ url, token: admin }));
    household.bridge = await aBridge({ ...household.configuration(), ...settings });
    await household.settled(groupsKnown);
    return household;
  }

  tool(name: string, args: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
    return this.bridge.call(name, args, headers);
  }

  service(name: string, entity: unknown, data: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
    const [domain, service] = name.split('.');
    return this.tool('call_service', { domain, service, entity_id: entity, data }, headers);
  }

  async stateOf(entity: string, headers: Record<string, string> = {}): Promise<string> {
    return (await this.tool('get_entity_state', { entity_id: entity }, headers)).body.structuredContent.state as string;
  }

  /** The states that the house takes while `act` runs, by entity. */
  async statesDuring(act: () => Promise<unknown>): Promise<Readonly<Partial<Record<string, readonly string[]>>>> {
    const states: Partial<Record<string, string[]>> = {};
    const watcher = await HouseClient.join(this.direct.address);
    await watcher.subscribe('subscribe_events', { event_type: 'state_changed' }, ({ data }) => {
      if (data.old_state?.state !== data.new_state?.state) (states[data.entity_id] ??= []).push(data.new_state?.state as string);
    });
    try {
      await act();
      await watcher.send('ping');
      return states;
    } finally {
      await watcher.close();
    }
  }

  audit(): readonly AuditLine[] {
    const lines = readFileSync(this.auditFile, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as AuditLine);
  }

  async close(): Promise<void> {
    await this.bridge.close();
    await this.direct.close();
    await this.front.vanish();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get auditFile(): string {
    return join(this.folder, 'audit.jsonl');
  }

  private configuration(): object {
    const program = {
      command: process.execPath,
      args: [join(ROOT, 'dist/home-assistant-server/main.js')],
      env: { HASS_URL: this.front.url, HASS_TOKEN: this.front.token },
      policy: join(ROOT, 'config/policies/home-assistant.yaml'),
      min_connections: CHILDREN,
      target_connections: CHILDREN,
      max_connections: CHILDREN,
      warm_spares: 0,
    };
    return { audit: { file: this.auditFile }, upstreams: { [UPSTREAM]: program } };
  }

  private async settled(groupsKnown: boolean): Promise<void> {
    const ready = async () => (await this.bridge.get('/mcp/status')).body.sessions.available as number;
    await eventually(ready, (count) => count === CHILDREN, STARTS_WITHIN_MS);
    await eventually(() => this.front.openSockets === CHILDREN, Boolean, STARTS_WITHIN_MS);
    if (groupsKnown) await eventually(() => this.locksOfTheGroup() === 3, Boolean, STARTS_WITHIN_MS);
  }

  private locksOfTheGroup(): number {
    const params = { name: 'call_service', arguments: { domain: 'light', service: 'turn_on', entity_id: 'light.salon' } };
    const call = { server: UPSTREAM, method: 'tools/call' as const, name: 'call_service', params, principal: 'test' };
    return this.bridge.app.get(Policy).plan(call, { cacheControl: {} }).locks.length;
  }
}
