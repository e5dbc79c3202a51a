import { PoolKit } from '../../test/support/pool-kit.js';
import { SessionHealth } from './session-health.js';

const MINUTE = 60_000;
const settings = { minConnections: 1, maxConnections: 1, healthCheckIntervalSeconds: 60, idleTimeoutSeconds: 3600 };
const probes = (asked: readonly string[]) => asked.filter((method) => method !== 'tools/call').slice(1); // the first list belongs to the start

describe(SessionHealth.name, () => {
  it('asks an idle child once a minute, and any answer is life', async () => {
    const kit = new PoolKit(settings);
    kit.replies = { ping: { kind: 'rpc_error', error: { code: -32601, message: 'Method not found' } } };
    await kit.begin();

    await kit.clock.advance(10 * MINUTE);

    expect(probes(kit.children[0]!.asked)).toEqual(Array(10).fill('ping'));
    expect(kit.children).toHaveLength(1);
  });

  it('asks a 2026 child in its own words', async () => {
    const kit = new PoolKit(settings);
    kit.description = { ...kit.description, era: '2026' };
    kit.replies = { 'server/discover': { kind: 'result', result: {} } };
    await kit.begin();

    await kit.clock.advance(MINUTE);

    expect(kit.children[0]!.asked).toContain('server/discover');
  });

  it('never asks a child that speaks by itself', async () => {
    const kit = await new PoolKit(settings).begin();

    for (let told = 0; told < 20; told += 1) {
      await kit.clock.advance(MINUTE / 2);
      kit.children[0]!.tell('notifications/message');
    }

    expect(probes(kit.children[0]!.asked)).toEqual([]);
  });

  it('lets a child that is busy for ten minutes survive every check', async () => {
    const kit = await new PoolKit(settings).begin();
    const child = kit.children[0]!;
    child.replies = { ping: 'silent', 'tools/list': 'silent' };
    let done: () => void = () => undefined;
    const need = { kind: 'write', fingerprint: 'long' } as const;
    const busy = kit.pool.use('house', need, new AbortController().signal, () => new Promise<void>((resolve) => (done = resolve)));

    await kit.clock.advance(10 * MINUTE);

    expect(child).toMatchObject({ state: 'ready' });
    expect(probes(child.asked)).toEqual([]);
    done();
    await busy;
  });

  it('keeps a server that never answers ping', async () => {
    const kit = new PoolKit(settings);
    kit.replies = { ping: 'silent' };
    await kit.begin();

    await kit.clock.advance(5 * MINUTE);

    const asked = probes(kit.children[0]!.asked);
    expect(kit.children).toHaveLength(1);
    expect(asked.filter((method) => method === 'ping')).toHaveLength(1);
    expect(asked.filter((method) => method === 'tools/list').length).toBeGreaterThan(2);
  });

  it('replaces a stopped idle child after two silences', async () => {
    const kit = await new PoolKit(settings).begin();
    const child = kit.children[0]!;
    await kit.clock.advance(MINUTE);

    child.replies = { ping: 'silent' };
    await kit.clock.advance(MINUTE + 5_000);
    expect(child.state).toBe('ready');
    await kit.clock.advance(5_000);

    expect(child.ended).toBe('term');
    await kit.clock.advance(1000);
    expect(kit.status.ready).toBe(1);
  });

  it('replaces a child that answers neither ping nor tools/list', async () => {
    const kit = await new PoolKit(settings).begin();
    const child = kit.children[0]!;
    child.replies = { ping: 'silent', 'tools/list': 'silent' };

    await kit.clock.advance(MINUTE + 10_000);

    expect(child.ended).toBe('term');
  });

  it('asks at once when a read timed out and the child has said nothing since it began', async () => {
    const kit = await new PoolKit(settings).begin();
    const child = kit.children[0]!;
    await kit.clock.advance(1000);
    await kit.send();

    await kit.clock.advance(10_001);

    expect(probes(child.asked)).toEqual(['ping']);
  });

  it('asks nothing when the child has spoken while the read waited', async () => {
    const kit = await new PoolKit(settings).begin();
    const child = kit.children[0]!;
    await kit.send();
    await kit.clock.advance(5000);
    child.tell('notifications/message');

    await kit.clock.advance(5001);

    expect(probes(child.asked)).toEqual([]);
  });
});
