import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Logger } from '@nestjs/common';
import { AnswerCache } from '../../src/cache/answer-cache.js';
import { CacheConfig } from '../../src/cache/cache.config.js';
import { CacheObserver } from '../../src/cache/cache-observer.js';
import type { CacheControl, CallPlan } from '../../src/call/call-plan.js';
import { inTime } from '../../src/call/in-time.js';
import { aSharedState, type ReplicaState } from '../support/a-shared-state.js';
import { eventually } from '../support/eventually.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../support/redis-server.js';

const PLAN: CallPlan = {
  call: { server: 'house', method: 'tools/call', name: 'get', params: {}, principal: 'alice' },
  kind: 'read',
  priority: 2,
  deadline: 1e9,
  locks: [],
  holdMs: 0,
  usualMs: 1_000,
  touches: [],
  retry: { attempts: 1, baseMs: 1, maxMs: 1 },
  fallback: { as: 'none' },
  cache: { key: 'lamp of alice', ttlMs: 60_000, tags: ['lamp'], isJoinable: true },
};

const PATIENCE_MS = 10_000;
/** The end of a call is told to callers who wait even when Redis cannot be told. */
const RECORDED_MS = 450;

/** The lamp behind all replicas; how often it was looked at. */
class Lamp {
  state = 'off';
  looks = 0;
}

class Replica {
  readonly cache: AnswerCache;
  readonly causes: string[] = [];

  constructor(
    readonly shared: ReplicaState,
    private readonly lamp: Lamp,
    l2: boolean,
  ) {
    const config = new CacheConfig();
    config.levels.l2.enabled = l2;
    this.cache = new AnswerCache(config, shared.state, new Causes(this.causes));
    this.cache.onModuleInit();
  }

  async read(control: CacheControl = {}): Promise<string> {
    const { lamp } = this;
    const look = () => {
      lamp.looks += 1;
      return Promise.resolve({ result: { state: lamp.state }, extra: undefined });
    };
    const { result } = await this.cache.remember(PLAN, control, look, new AbortController().signal);
    return result.state as string;
  }

  /** As a call does it: the back half before and after, then its end is recorded, then the front half, before it answers. */
  async write(state: string, patienceMs = PATIENCE_MS): Promise<void> {
    void this.cache.invalidate('house', ['lamp'], 'write');
    this.lamp.state = state;
    await this.cache.invalidate('house', ['lamp'], 'write');
    await inTime(this.shared.redis.work.ping(), RECORDED_MS);
    await this.cache.announce('house', ['lamp'], performance.now() + patienceMs);
    await answered();
  }

  async close(): Promise<void> {
    this.cache.onModuleDestroy();
    await this.shared.close();
  }
}

/** What a caller asks next has a way to go, as messages have. */
async function answered(): Promise<void> {
  const server = createServer((socket) => socket.end('asks again')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await once(connect((server.address() as AddressInfo).port, '127.0.0.1').resume(), 'end');
  server.close();
}

class Causes extends CacheObserver {
  constructor(private readonly causes: string[]) {
    super();
  }
  override hit = () => undefined;
  override miss = () => undefined;
  override evicted = () => undefined;
  override invalidated = (cause: string) => void this.causes.push(cause);
}

describe.each([{ l2: false }, { l2: true }])('The caches of two replicas on one Redis, second level $l2', ({ l2 }) => {
  let server: RedisServer;
  let lamp: Lamp;
  let one: Replica;
  let two: Replica;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await aRedisServer();
  });
  beforeEach(async () => {
    lamp = new Lamp();
    const prefix = freshPrefix();
    const shared = await Promise.all([aSharedState(server, prefix), aSharedState(server, prefix)]);
    [one, two] = shared.map((state) => new Replica(state, lamp, l2)) as [Replica, Replica];
    await Promise.all(shared.map(({ redis }) => redis.channels.echo()));
  });
  afterEach(() => Promise.all([one.close(), two.close()]));
  afterAll(() => server.close());

  it('give nothing older than a write that was answered on the other, however often', async () => {
    for (let round = 0; round < 50; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [one, two] : [two, one];
      await Promise.all([one.read(), two.read()]);
      await writer.write(`state ${round}`);
      expect([await reader.read(), await writer.read()]).toEqual([lamp.state, lamp.state]);
    }
  });

  it('answer from what they have in between', async () => {
    await one.read();
    await two.read();
    await Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? one : two).read()));
    expect(lamp.looks).toBe(l2 ? 1 : 2);
  });

  it('ask once for equal reads that come to a replica at the same time', async () => {
    await Promise.all(Array.from({ length: 100 }, () => one.read()));
    expect(lamp.looks).toBe(1);
  });

  it('keep nothing of a read that a write on the other overtook', async () => {
    let arrive: () => void = () => undefined;
    const arrival = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const begun = { looks: 0 };
    const slow = two.cache.remember(
      PLAN,
      {},
      async () => {
        begun.looks += 1;
        await arrival;
        return { result: { state: 'off' }, extra: undefined };
      },
      new AbortController().signal,
    );
    await eventually(() => begun.looks === 1);
    await one.write('on');
    arrive();
    await slow;
    expect(await two.read()).toBe('on');
    expect(await one.read()).toBe('on');
  });

  it('drop what they have when messages may have been missed', async () => {
    await two.read();
    two.shared.path.reset();
    await eventually(() => two.causes.includes('gap'));
    lamp.state = 'changed unseen';
    await one.cache.invalidate('house', ['lamp'], 'write');
    expect(await two.read()).toBe('changed unseen');
  });

  it('hear after an outage of one what it could not tell', async () => {
    await two.read();
    await one.shared.path.refuse();
    await eventually(() => !one.shared.state.ready().ok);
    await one.write('on', 0);
    expect(await two.read()).toBe('off');
    await one.shared.path.accept();
    await eventually(async () => (await two.read()) === 'on');
  });

  it('answer a write only when the other is about to hear of it, however often it has to be told', async () => {
    await two.read();
    one.shared.path.strand('"as":"tags"');
    await one.write('on');
    expect(await two.read()).toBe('on');
  });

  it('answer a write that could not be told when its time is over, and tell it afterwards', async () => {
    await two.read();
    one.shared.path.blackHole();
    const startedAt = performance.now();
    await one.write('on', 500);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    one.shared.path.heal();
    await eventually(async () => (await two.read()) === 'on', Boolean, 15_000);
  });

  it('go on without the store, each for itself, and forget nothing that they were told', async () => {
    await one.read();
    await one.shared.path.refuse();
    await eventually(() => one.shared.redis.away() !== undefined);
    const { looks } = lamp;
    expect(await one.read()).toBe('off');
    expect(lamp.looks).toBe(looks);
    await one.write('on', 0);
    expect(await one.read()).toBe('on');
  });
});
