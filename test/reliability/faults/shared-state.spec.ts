import { Logger } from '@nestjs/common';
import { Worker } from 'node:worker_threads';
import { TokenBuckets } from '../../../src/access/token-buckets.js';
import { systemClock } from '../../../src/call/clock.js';
import type { Json } from '../../../src/call/json.js';
import { Redis } from '../../../src/redis/redis.js';
import { RedisSharedState } from '../../../src/shared-state/redis-shared-state.js';
import type { SharedState } from '../../../src/shared-state/shared-state.js';
import { eventually } from '../../support/eventually.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../../support/redis-server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const RATE = { capacity: 10, refillPerSecond: 0.001 };
const COMMAND_MS = 1500;
/** A loaded machine, not the product. */
const SLACK_MS = 500;

describe('The shared state when Redis', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let redis: Redis;
  let state: RedisSharedState;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await aRedisServer();
  });
  beforeEach(async () => {
    proxy = await TcpProxy.to(server.port);
    redis = await Redis.open(`redis://127.0.0.1:${proxy.port}`, freshPrefix());
    state = new RedisSharedState(redis);
  });
  afterEach(async () => {
    await state.close();
    await redis.close();
    await proxy.close();
  });
  afterAll(() => server.close());

  it('has told this process something while it was busy, has told it to whoever catches up, and not before', async () => {
    const near = await Redis.open(server.url, freshPrefix());
    const busy = new RedisSharedState(near);
    const heard: Json[] = [];
    busy.subscribe(
      'news',
      (message) => heard.push(message),
      () => undefined,
    );
    await eventually(async () => (await busy.publish('news', 'first')) && heard.length > 0);
    await publishWhileBlocked(server.port, `${near.tag}:c:news`, '"second"');
    expect(heard).not.toContain('second');
    await busy.caughtUp();
    expect(heard).toContain('second');
    await busy.close();
    await near.close();
  });

  it('dies, fails what is under way at once and what comes later without asking, and is there again after a restart', async () => {
    await state.put('kept', 'safe', 60_000);
    server.pause();
    const underWay = everyVerb(state);
    await server.kill();
    const startedAt = performance.now();
    expect(await Promise.all(underWay.map(reasonOf))).toEqual(Array(5).fill('store_away'));
    expect(performance.now() - startedAt).toBeLessThan(COMMAND_MS);

    await eventually(() => redis.away() !== undefined);
    const refusedAt = performance.now();
    expect(await Promise.all(everyVerb(state).map(reasonOf))).toEqual(Array(5).fill('store_away'));
    expect(performance.now() - refusedAt).toBeLessThan(10);

    await server.restart();
    await eventually(() => state.ready().ok);
    expect(await state.get('kept')).toBe('safe');
  });

  it('is slow, answers late, and never later than its limit', async () => {
    proxy.slow(200);
    expect(await state.putIfAbsent('key', 1, 60_000)).toBe(true);
    proxy.slow(2000);
    const startedAt = performance.now();
    expect(await reasonOf(state.get('key'))).toBe('store_away');
    expect(performance.now() - startedAt).toBeLessThan(COMMAND_MS + SLACK_MS);
  });

  it('can no longer be heard, fails within the limit, then without asking, and needs nobody to heal', async () => {
    proxy.blackHole();
    const startedAt = performance.now();
    expect(await Promise.all(everyVerb(state).map(reasonOf))).toEqual(Array(5).fill('store_away'));
    expect(performance.now() - startedAt).toBeLessThan(COMMAND_MS + SLACK_MS);

    await eventually(() => redis.away() !== undefined);
    const refusedAt = performance.now();
    expect(await reasonOf(state.get('key'))).toBe('store_away');
    expect(performance.now() - refusedAt).toBeLessThan(10);

    proxy.heal();
    await eventually(() => state.ready().ok);
    await state.put('key', 'value', 60_000);
  }, 15_000);

  it('drops the connection for a moment, makes verbs wait instead of failing', async () => {
    proxy.reset();
    await eventually(() => !state.ready().ok);
    await state.put('key', 'value', 60_000);
    expect(await state.get('key')).toBe('value');
  });

  it('is full, refuses what takes memory, goes on reading, and recovers', async () => {
    await state.put('key', 'value', 60_000);
    await redis.command.config('SET', 'maxmemory', '1');
    expect(await reasonOf(state.put('other', 'value', 60_000))).toBe('store_away');
    expect(await state.get('key')).toBe('value');
    expect(state.ready()).toEqual({ ok: true });
    await redis.command.config('SET', 'maxmemory', '0');
    await state.put('other', 'value', 60_000);
  });

  it('is emptied, has forgotten and works', async () => {
    await state.put('key', 'value', 60_000);
    await redis.command.flushall();
    await redis.command.script('FLUSH');
    expect(await state.get('key')).toBeUndefined();
    expect(await state.takeToken('caller', RATE)).toMatchObject({ taken: true, remaining: 9 });
  });

  it('is away, leaves each of the replicas its part of the rate', async () => {
    const buckets = new TokenBuckets(RATE, state, systemClock, () => 2);
    expect(await buckets.take('caller')).toMatchObject({ taken: true, remaining: 9 });
    await proxy.refuse();
    await eventually(() => redis.away() !== undefined);
    const grants = await Promise.all(Array.from({ length: 8 }, () => buckets.take('caller')));
    expect(grants.filter(({ taken }) => taken)).toHaveLength(5);
    await proxy.accept();
    await eventually(() => state.ready().ok);
    expect(await buckets.take('caller')).toMatchObject({ taken: true, remaining: 8 });
  });
});

function everyVerb(state: SharedState): readonly Promise<unknown>[] {
  return [
    state.get('key'),
    state.put('key', 'value', 1000),
    state.putIfAbsent('key', 'value', 1000),
    state.delete('key'),
    state.takeToken('caller', RATE),
  ];
}

function reasonOf(verb: Promise<unknown>): Promise<unknown> {
  return verb.then(
    () => 'none',
    (error: unknown) => (error instanceof Error && 'reason' in error ? error.reason : error),
  );
}

/** Resolves at the beginning of a turn of the loop, before sockets are read, with the message in one of them. */
function publishWhileBlocked(port: number, channel: string, message: string): Promise<void> {
  const isDone = new Int32Array(new SharedArrayBuffer(4));
  return new Promise((resolve) => {
    setTimeout(() => {
      const workerData = { port, channel, message, isDone };
      const publisher = new Worker(PUBLISHER, { eval: true, workerData });
      Atomics.wait(isDone, 0, 0, 10_000);
      publisher.unref();
      resolve();
    });
  });
}

/** Redis writes to those who listen before it answers the one who published. */
const PUBLISHER = `
const { workerData: { port, channel, message, isDone } } = require('node:worker_threads');
const socket = require('node:net').connect(port, '127.0.0.1');
const part = (text) => '$' + Buffer.byteLength(text) + '\\r\\n' + text + '\\r\\n';
socket.write('*3\\r\\n' + part('PUBLISH') + part(channel) + part(message));
socket.once('data', () => {
  Atomics.store(isDone, 0, 1);
  Atomics.notify(isDone, 0);
  socket.destroy();
});
`;
