import { Logger } from '@nestjs/common';
import { AnswerCache } from '../../src/cache/answer-cache.js';
import { CacheConfig } from '../../src/cache/cache.config.js';
import { CacheObserver } from '../../src/cache/cache-observer.js';
import type { CacheControl, CallPlan } from '../../src/call/call-plan.js';
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
  touches: [],
  retry: { attempts: 1, baseMs: 1, maxMs: 1 },
  fallback: { as: 'none' },
  cache: { key: 'lamp of alice', ttlMs: 60_000, tags: ['lamp'], isJoinable: true },
};

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

  /** As the back half of a call does it: before the bytes leave, and before the caller is answered. */
  async write(state: string): Promise<void> {
    await this.cache.invalidate('house', ['lamp'], 'write');
    this.lamp.state = state;
    await this.cache.invalidate('house', ['lamp'], 'write');
  }

  async close(): Promise<void> {
    this.cache.onModuleDestroy();
    await this.shared.close();
  }
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
    await one.write('on');
    expect(await two.read()).toBe('off');
    await one.shared.path.accept();
    await eventually(async () => (await two.read()) === 'on');
  });

  it('go on without the store, each for itself, and forget nothing that they were told', async () => {
    await one.read();
    await one.shared.path.refuse();
    await eventually(() => one.shared.redis.away() !== undefined);
    const { looks } = lamp;
    expect(await one.read()).toBe('off');
    expect(lamp.looks).toBe(looks);
    await one.write('on');
    expect(await one.read()).toBe('on');
  });
});
