import { Logger } from '@nestjs/common';
import { eventually } from '../../test/support/eventually.js';
import { aRedisServer, freshPrefix, type RedisServer } from '../../test/support/redis-server.js';
import { TcpProxy } from '../../test/support/tcp-proxy.js';
import { Redis } from './redis.js';

const NOBODY = { ok: false, reason: 'Redis cannot be reached' };

describe(Redis.name, () => {
  let server: RedisServer;
  const logged: string[] = [];
  const cleanup: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const note = (message: unknown) => logged.push(String(message));
    Logger.overrideLogger({ log: note, warn: note, error: note });
    server = await aRedisServer();
  });
  afterEach(async () => {
    for (const end of cleanup.splice(0).reverse()) await end();
    logged.length = 0;
  });
  afterAll(() => server.close());

  async function opened(url = server.url, prefix = freshPrefix()): Promise<Redis> {
    const redis = await Redis.open(url, prefix);
    cleanup.push(() => redis.close());
    return redis;
  }

  async function another(options: Parameters<typeof aRedisServer>[0]): Promise<RedisServer> {
    const other = await aRedisServer(options);
    cleanup.push(() => other.close());
    return other;
  }

  async function proxied(): Promise<TcpProxy> {
    const proxy = await TcpProxy.to(server.port);
    cleanup.push(() => proxy.close());
    return proxy;
  }

  const through = ({ port }: TcpProxy) => `redis://127.0.0.1:${port}`;

  it('is ready as soon as it was opened, and knows the clock and the run of the server', async () => {
    const redis = await opened();
    expect(redis.ready()).toEqual({ ok: true });
    expect(redis.away()).toBeUndefined();
    expect(Math.abs(redis.serverNow()! - Date.now())).toBeLessThan(50);
    expect(redis.runId).toMatch(/^[0-9a-f]{40}$/);
    expect(redis.isVolatile()).toBe(false);
  });

  it('comes back by itself after kill -9, and tells who listens of the gap before the first message', async () => {
    const redis = await opened();
    const heard: string[] = [];
    const met: (string | undefined)[] = [];
    redis.channels.subscribe(
      `${redis.tag}:news`,
      (message) => heard.push(message.toString()),
      () => heard.push('gap'),
    );
    redis.onReady(() => met.push(redis.runId));
    await redis.channels.echo();
    await server.kill();
    await eventually(() => redis.away() !== undefined);
    expect(redis.ready()).toEqual(NOBODY);
    await server.restart();
    await eventually(() => redis.ready().ok);
    await redis.channels.publish(`${redis.tag}:news`, 'back');
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(['gap', 'back']);
    expect(new Set(met).size).toBe(2);
  });

  it('lives without a Redis, says that there is none, and connects when there is', async () => {
    await server.kill();
    const redis = await opened();
    expect(redis.ready()).toEqual(NOBODY);
    expect(redis.away()).toBe('Redis cannot be reached');
    expect(redis.serverNow()).toBeUndefined();
    let met = 0;
    redis.onReady(() => (met += 1));
    await server.restart();
    await eventually(() => redis.ready().ok);
    await eventually(() => met === 1);
    expect(redis.serverNow()).toBeDefined();
  });

  it('is not ready with a policy that evicts, names the remedy, and sees when it was taken', async () => {
    const wrong = await another({ 'maxmemory-policy': 'allkeys-lru' });
    const redis = await opened(wrong.url);
    const reason = 'Redis may evict what was accepted: it needs maxmemory-policy noeviction';
    expect(redis.ready()).toEqual({ ok: false, reason });
    expect(redis.away()).toBe(reason);
    expect(redis.isVolatile()).toBe(true);
    expect(logged).toContainEqual(expect.stringContaining(reason));
    await redis.command.config('SET', 'maxmemory-policy', 'noeviction');
    await eventually(() => redis.ready().ok);
    expect(redis.isVolatile()).toBe(false);
  });

  it('works with a Redis that keeps no append-only file, and warns', async () => {
    const volatile = await another({ appendonly: 'no' });
    const redis = await opened(volatile.url);
    expect(redis.ready()).toEqual({ ok: true });
    expect(redis.isVolatile()).toBe(true);
    expect(logged).toContainEqual(expect.stringContaining('appendonly yes'));
  });

  it('says that its login is refused, and never what it was', async () => {
    const guarded = await another({ requirepass: 'the-right-one' });
    const wrong = await opened(`redis://:the-wrong-one@127.0.0.1:${guarded.port}`);
    expect(wrong.ready()).toMatchObject({ ok: false, reason: expect.stringContaining('refuses the login') });
    const none = await opened(guarded.url);
    expect(none.ready()).toMatchObject({ ok: false, reason: expect.stringContaining('refuses the login') });
    const right = await opened(`redis://:the-right-one@127.0.0.1:${guarded.port}`);
    expect(right.ready()).toEqual({ ok: true });
    expect(logged.join()).toContain(`127.0.0.1:${guarded.port}`);
    expect(logged.join()).not.toMatch(/the-(wrong|right)-one/);
  });

  it('tells nobody the password that follows the name of a socket', async () => {
    await opened('/nowhere.sock?password=the-right-one');
    expect(logged.join()).toContain('/nowhere.sock');
    expect(logged.join()).not.toContain('the-right-one');
  });

  it('leaves a primary that was demoted when its address leads to another', async () => {
    const [old, next] = [await another({}), await another({})];
    const proxy = await TcpProxy.to(old.port);
    cleanup.push(() => proxy.close());
    const redis = await opened(through(proxy));
    const admin = await opened(old.url);
    proxy.lead(next.port);
    await admin.command.call('REPLICAOF', '127.0.0.1', String(next.port));
    await expect(redis.command.set(`${redis.tag}:key`, 'value')).rejects.toThrow('READONLY');
    await eventually(() => redis.ready().ok);
    expect(await redis.command.set(`${redis.tag}:key`, 'value')).toBe('OK');
  });

  it('needs a user with no more rights than the documents say, and cannot leave its prefix', async () => {
    const admin = await opened();
    const prefix = freshPrefix();
    const rights = [`~{${prefix}}*`, `&{${prefix}}*`, '+@all', '-@dangerous', '+info'];
    await admin.command.acl('SETUSER', 'bridge', 'reset', 'on', '>word', ...rights);
    const redis = await opened(`redis://bridge:word@127.0.0.1:${server.port}`, prefix);
    expect(redis.ready()).toEqual({ ok: true });
    await redis.command.set(`${redis.tag}:key`, 'value');
    await expect(redis.command.get(`${admin.tag}:key`)).rejects.toThrow('NOPERM');
    await expect(redis.channels.publish(`${admin.tag}:news`, '')).rejects.toThrow('NOPERM');
    await expect(redis.command.flushall()).rejects.toThrow('NOPERM');
  });

  it('is not ready while a round trip is too long to read the clock', async () => {
    const proxy = await proxied();
    proxy.slow(130);
    const redis = await opened(through(proxy));
    await eventually(() => !redis.ready().ok && redis.away() === 'Redis answers too slowly for its clock to be read');
    proxy.heal();
    await eventually(() => redis.ready().ok);
  });

  it('bears a connection that breaks and comes back at once', async () => {
    const proxy = await proxied();
    const redis = await opened(through(proxy));
    let gaps = 0;
    redis.channels.subscribe(
      `${redis.tag}:news`,
      () => undefined,
      () => (gaps += 1),
    );
    proxy.reset();
    await eventually(() => !redis.ready().ok);
    expect(redis.away()).toBeUndefined();
    expect(await redis.command.set(`${redis.tag}:key`, 'value')).toBe('OK');
    await eventually(() => redis.ready().ok);
    expect(gaps).toBe(1);
  });

  it('notices a path that swallows everything, and heals by itself', async () => {
    const proxy = await proxied();
    const redis = await opened(through(proxy));
    proxy.blackHole();
    await expect(redis.command.get(`${redis.tag}:key`)).rejects.toThrow('timed out');
    await eventually(() => redis.away() !== undefined);
    proxy.heal();
    await eventually(() => redis.ready().ok);
  }, 15_000);

  it('hears of a subscription that was killed alone', async () => {
    const redis = await opened();
    let gaps = 0;
    redis.channels.subscribe(
      `${redis.tag}:news`,
      () => undefined,
      () => (gaps += 1),
    );
    await redis.channels.echo();
    await redis.command.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await eventually(() => gaps === 1);
    await eventually(() => redis.ready().ok);
  });

  it('keeps installations apart, and shares a connection among those who listen', async () => {
    const [one, other] = [await opened(), await opened()];
    const heard: string[] = [];
    const end = one.channels.subscribe(`${one.tag}:news`, (message) => heard.push(`first ${message.toString()}`), fail);
    one.channels.subscribe(`${one.tag}:news`, (message) => heard.push(`second ${message.toString()}`), fail);
    other.channels.subscribe(`${other.tag}:news`, (message) => heard.push(`other ${message.toString()}`), fail);
    await Promise.all([one.channels.echo(), other.channels.echo()]);
    expect(await one.channels.publish(`${one.tag}:news`, 'a')).toBe(1);
    await one.channels.echo();
    end();
    await one.channels.publish(`${one.tag}:news`, Buffer.from('b'));
    await one.channels.echo();
    expect(heard).toEqual(['first a', 'second a', 'second b']);
  });
});

function fail(): void {
  throw new Error('no message was missed');
}
