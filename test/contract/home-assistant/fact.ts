import { eventually } from '../../support/eventually.js';
import { HouseClient, type HouseAddress, type Reply } from '../../support/house-client.js';

/** What not every house under test can do: have several users, give tokens and take them back, scripts that answer with data. */
export type Ability = 'users' | 'tokens' | 'responses' | 'availability';

/** Something that the server relies on, told by how a house behaves. What it observes is compared with a recorded answer. */
export interface Fact {
  readonly fact: string;
  readonly needs?: Ability;
  readonly observe: (house: HouseUnderTest) => unknown;
}

interface Change {
  readonly entity: string;
  readonly state: string | undefined;
  readonly attributes: any;
  readonly context: any;
}

/** A house and a client that hears everything it does. */
export class HouseUnderTest {
  /** As `subscribe_entities` told them. */
  readonly diffs: any[] = [];
  readonly changes: Change[] = [];

  private constructor(
    readonly client: HouseClient,
    readonly plain: HouseAddress | undefined,
  ) {}

  static async enter(address: HouseAddress, plain?: HouseAddress): Promise<HouseUnderTest> {
    const house = new HouseUnderTest(await HouseClient.join(address), plain);
    await house.client.subscribe('subscribe_entities', {}, (event) => house.diffs.push(event));
    await house.client.subscribe('subscribe_events', { event_type: 'state_changed' }, ({ data, context }) =>
      house.changes.push({ entity: data.entity_id, state: data.new_state?.state, attributes: data.new_state?.attributes, context }),
    );
    await house.settled();
    return house;
  }

  /** One more connection to the same house, as the same user. */
  another(): Promise<HouseClient> {
    return HouseClient.join(this.client.address);
  }

  /** What the call answered, and what it had changed by then. */
  async call(...call: Parameters<HouseClient['call']>): Promise<Reply & { changes: Change[]; diffs: any[] }> {
    await this.settled();
    this.diffs.length = this.changes.length = 0;
    const reply = await this.client.call(...call);
    return { ...reply, changes: [...this.changes], diffs: [...this.diffs] };
  }

  /** All that the house did until now has been heard. */
  async settled(): Promise<void> {
    await this.client.send('ping');
  }

  /** The state that the entity takes next, or has taken since the last call. */
  async nextState(entityId: string): Promise<string> {
    return this.until(() => this.changes.find(({ entity }) => entity === entityId)?.state);
  }

  /** The entity that has this id in its attributes, once there is one. */
  async entityWith(id: string): Promise<string> {
    return this.until(() => this.changes.find(({ attributes }) => attributes?.id === id)?.entity);
  }

  /** Waits for something to be there. */
  until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
    return eventually(look) as Promise<NonNullable<T>>;
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

/** A reply without what differs from run to run. */
export function outcome({ success, error }: Reply): string {
  return success === true ? 'success' : `${error?.code ?? 'closed'}: ${error?.message ?? ''}`;
}

/** Houses word it differently; what is relied on is the kind. */
export function kind({ success, error }: Reply): string {
  return success === true ? 'success' : (error?.code ?? 'closed');
}

export function keysOf(value: object): string[] {
  return Object.keys(value).sort();
}
