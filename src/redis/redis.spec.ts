import { Logger } from '@nestjs/common';
import { eventually } from '../../test/support/eventually.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../../test/support/redis-server.js';
import { Redis } from './redis.js';

describe(Redis.name, () => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await aRedisServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    redis = await Redis.open(server.url, freshPrefix());
  });
  afterEach(() => redis.close());

  it('is ready as soon as it was opened, and knows the clock and the run of the server', () => {
    expect(redis.ready()).toEqual({ ok: true });
    expect(redis.away()).toBeUndefined();
    expect(Math.abs(redis.serverNow()! - Date.now())).toBeLessThan(50);
    expect(redis.runId).toMatch(/^[0-9a-f]{40}$/);
    expect(redis.isVolatile()).toBe(false);
  });

  it('comes back by itself after kill -9, tells of the gap, and calls back', async () => {
    const heard: string[] = [];
    let gaps = 0;
    let meetings = 0;
    redis.channels.subscribe(
      `${redis.tag}:news`,
      (message) => heard.push(message.toString()),
      () => (gaps += 1),
    );
    redis.onReady(() => (meetings += 1));
    await redis.channels.echo();
    const before = redis.runId;
    await server.kill();
    await eventually(() => redis.away() !== undefined);
    expect(redis.ready()).toEqual({ ok: false, reason: 'Redis cannot be reached' });
    await server.restart();
    await eventually(() => redis.ready().ok);
    await redis.channels.publish(`${redis.tag}:news`, 'back');
    await eventually(() => heard.length === 1);
    expect([heard, gaps, meetings]).toEqual([['back'], 1, 2]);
    expect(redis.runId).not.toBe(before);
  });
});
