import { Redis as Connection } from 'ioredis';
import { randomUUID } from 'node:crypto';
import type { Json } from '../../src/call/json.js';
import { type Acceptance, type Ending, Gate, type Report } from '../../src/queue/bullmq/gate.js';
import type { AcceptAnswer, ClaimAnswer, HandOutKey, Offer } from '../../src/queue/bullmq/gate-answers.js';
import type { GateTimes } from '../../src/queue/bullmq/gate-times.js';
import { packBody } from '../../src/queue/bullmq/outcome-body.js';
import { parseReplicaMessage, type ReplicaMessage } from '../../src/queue/bullmq/replica-message.js';
import type { LockLine } from '../../src/queue/lock-lines.js';
import { auditOf } from './gate-audit.js';
import { freshPrefix } from './redis-server.js';

/** One installation on a real Redis: any number of replicas, each with its gate, and nothing of the scheduler. */
export class GateBed {
  readonly tag = `{${freshPrefix()}}`;
  readonly redis: Connection;
  private readonly connections: Connection[] = [];
  private readonly epochs = new Map<string, string>();

  constructor(
    private readonly url: string,
    private readonly times: Partial<GateTimes> = {},
  ) {
    this.redis = this.connect();
  }

  /** A replica that has not reported yet. */
  replica(name: string, times: Partial<GateTimes> = {}): Replica {
    return new Replica(
      name,
      new Gate({ tag: this.tag, replica: name, command: this.connect(), work: this.connect() }, { ...this.times, ...times }),
      this,
    );
  }

  /** A replica that has swept once, with a lane open. */
  async opened(name: string, slots: Report['slots'] = { house: 4 }): Promise<Replica> {
    const replica = this.replica(name);
    await replica.sweep(slots);
    return replica;
  }

  connect(): Connection {
    const connection = new Connection(this.url, { maxRetriesPerRequest: null });
    connection.on('error', () => undefined);
    this.connections.push(connection);
    return connection;
  }

  key(name: string): string {
    return `${this.tag}:g:${name}`;
  }

  /** Every index and counter says what the records say. */
  async isConsistent(): Promise<void> {
    const { found, due } = await auditOf(this.redis, this.key(''));
    expect(found).toEqual(due);
  }

  async now(): Promise<number> {
    const [seconds, microseconds] = await this.redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  }

  async closeConsistent(): Promise<void> {
    try {
      await this.isConsistent();
    } finally {
      this.close();
    }
  }

  close(): void {
    for (const connection of this.connections) connection.disconnect();
  }
}

export class Replica {
  /** The last epoch it knows. */
  epoch?: string;
  private handOuts = 0;

  constructor(
    readonly name: string,
    readonly gate: Gate,
    private readonly bed: GateBed,
  ) {}

  async accept(over: Partial<Acceptance> = {}): Promise<AcceptAnswer> {
    return this.gate.accept({ ...request(), sentAt: await this.bed.now(), ...over });
  }

  /** Accepted, and offered to the scheduler at once. */
  async offered(over: Partial<Acceptance> = {}): Promise<Offer> {
    const answer = await this.accept(over);
    if (answer.as !== 'queued' || answer.effects.offers.length !== 1) throw new Error(`Not offered: ${JSON.stringify(answer)}`);
    return answer.effects.offers[0]!;
  }

  handOut({ id, turn }: Pick<Offer, 'id' | 'turn'>): HandOutKey {
    this.handOuts += 1;
    return { id, turn, holder: `${this.name}#${this.handOuts}` };
  }

  /** Claims an offer under a holder of its own. */
  async take(offer: Pick<Offer, 'id' | 'turn'>): Promise<HandOutKey & { answer: ClaimAnswer }> {
    const handOut = this.handOut(offer);
    return { ...handOut, answer: await this.gate.claim(handOut) };
  }

  /** Claims and begins a write. */
  async begun(offer: Pick<Offer, 'id' | 'turn'>): Promise<HandOutKey> {
    const handOut = await this.take(offer);
    const began = await this.gate.begin(handOut);
    if (began.as !== 'go') throw new Error(`Not begun: ${JSON.stringify(began)}`);
    return handOut;
  }

  async finish(handOut: HandOutKey, over: Partial<Ending> = {}) {
    return this.gate.finish(handOut, { ...(await done('ok')), ...over }, this.name);
  }

  async sweep(slots: Report['slots'] = { house: 4 }, limit?: number) {
    const answer = await this.gate.sweep({ slots, epoch: this.epoch, limit });
    if (answer.as === 'foreign_schema') throw new Error(`A foreign schema: ${answer.schema}`);
    this.epoch = answer.epoch;
    return answer;
  }

  /** What comes over its channel from now on. */
  async listen(): Promise<readonly ReplicaMessage[]> {
    const heard: ReplicaMessage[] = [];
    const sub = this.bed.connect();
    sub.on('messageBuffer', (_channel: Buffer, message: Buffer) => heard.push(parseReplicaMessage(message)));
    await sub.subscribe(this.gate.channel);
    return heard;
  }
}

/** A lock-free read of somebody with a share of his own. */
function request(): Omit<Acceptance, 'sentAt'> {
  const id = randomUUID();
  return {
    key: { as: 'once', id },
    kind: 'read',
    lane: 'house',
    priority: 2,
    share: id,
    lines: [],
    payload: 'signed',
    budgetMs: 10_000,
    attempts: 3,
    maxSize: 1_000,
  };
}

export function exclusive(...paths: string[]): { kind: 'write'; lines: LockLine[] } {
  return { kind: 'write', lines: paths.map((line) => ({ line, mode: 'X' as const })) };
}

export function client(id: string, hash = 'same'): Pick<Acceptance, 'key'> {
  return { key: { as: 'client', id, hash } };
}

export async function done(result: Json): Promise<Ending> {
  return { state: 'done', why: '', begun: true, body: await packBody(result), ranMs: 5 };
}

export function shared(id: string): Pick<Acceptance, 'key'> {
  return { key: { as: 'shared', id } };
}
