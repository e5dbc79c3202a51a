import 'reflect-metadata';
import { systemClock } from '../../src/call/clock.js';
import { Config } from '../../src/config/config.js';
import { realGround } from '../../src/session-pool/pool-ground.js';
import type { Reply } from '../../src/session-pool/reply.js';
import { type NotLent, type SessionNeed, SessionPool, type UpstreamChange } from '../../src/session-pool/session-pool.js';
import type { UpstreamConfig } from '../../src/session-pool/upstream.config.js';
import { MemorySharedState } from '../../src/shared-state/memory-shared-state.js';
import { eventually } from '../support/eventually.js';
import { anUpstream, isRunning } from '../support/session-kit.js';

const silent = { debug: () => undefined, log: () => undefined, warn: () => undefined };

describe('SessionPool over real children', () => {
  const pools: SessionPool[] = [];

  function aPool(...upstreams: UpstreamConfig[]): SessionPool {
    const config = new Config();
    config.upstreams = upstreams;
    const pool = new SessionPool(config, realGround(new MemorySharedState(), silent));
    pools.push(pool);
    pool.onApplicationBootstrap();
    return pool;
  }

  function callTool(
    pool: SessionPool,
    server: string,
    name: string,
    args: object,
    need: Partial<SessionNeed> = {},
  ): Promise<Reply | NotLent> {
    const signal = AbortSignal.timeout(10_000);
    const full: SessionNeed = { kind: 'read', fingerprint: JSON.stringify([name, args]), ...need };
    return pool.use(server, full, signal, (session) =>
      session.call('tools/call', { name, arguments: { ...args } }, { kind: full.kind, deadline: systemClock.now() + 10_000 }, signal),
    );
  }

  const echoed = (text: string) => ({ kind: 'result', result: { content: [{ type: 'text', text }] } });
  const isUp = (pool: SessionPool, server: string, ready: number) =>
    eventually(
      () => pool.status(server),
      (seen) => seen.ready >= ready,
    );

  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  it('describes the server in its own words and knows its tools', async () => {
    const pool = aPool(anUpstream('echo'));

    const description = await pool.describe('echo', AbortSignal.timeout(10_000));

    expect(description).toMatchObject({ era: '2025', serverInfo: { name: 'echo' } });
    expect(pool.catalog('echo').find('echo')).toMatchObject({ annotations: { readOnlyHint: true } });
    expect(pool.catalog('echo').knows()).toBe(true);
  });

  it.each(['sdk-v1', 'sdk-v2'])('calls a tool of a server built on %s', async (server) => {
    const pool = aPool(anUpstream(server, [], { era: 'auto', minConnections: 1, warmSpares: 0 }));
    await isUp(pool, server, 1);

    expect(await callTool(pool, server, 'echo', { text: 'žluťoučký 🐎' })).toMatchObject(echoed('žluťoučký 🐎'));
  });

  it('goes on with the spare when a child crashes, and the other calls never notice', async () => {
    const pool = aPool(anUpstream('echo', [], { minConnections: 2, warmSpares: 1 }));
    await isUp(pool, 'echo', 3);

    const [crashed, slow] = await Promise.all([callTool(pool, 'echo', 'crash', {}), callTool(pool, 'echo', 'slow', { ms: 200 })]);
    const next = await callTool(pool, 'echo', 'echo', { text: 'next' });

    expect(crashed).toMatchObject({ kind: 'lost', reason: 'exit', sent: true });
    expect(slow).toMatchObject(echoed('slept 200 ms'));
    expect(next).toMatchObject(echoed('next'));
    await isUp(pool, 'echo', 3);
  });

  it('convicts a call that ends its child twice', async () => {
    const server = 'misbehaving';
    const pool = aPool(anUpstream(server, ['crash-on-argument'], { minConnections: 2 }));
    await isUp(pool, server, 2);

    const poison = () =>
      eventually(
        () => callTool(pool, server, 'echo', { text: 'poison' }),
        ({ kind }) => kind !== 'no_session',
      );
    expect(await poison()).toMatchObject({ kind: 'lost', sent: true });
    expect(await poison()).toMatchObject({ kind: 'lost', sent: true });

    expect(await poison()).toMatchObject({ kind: 'refused', reason: 'quarantined' });
    const innocent = () => callTool(pool, server, 'echo', { text: 'harmless' });
    expect(await eventually(innocent, ({ kind }) => kind === 'result')).toMatchObject(echoed('harmless'));
  });

  it('names the reason of a server that cannot start, and the others serve', async () => {
    const pool = aPool(anUpstream('misbehaving', ['crash-at-start']), anUpstream('echo'));
    await isUp(pool, 'echo', 2);

    const { failure } = await eventually(
      () => pool.status('misbehaving'),
      (seen) => seen.failure !== undefined,
    );

    expect(failure).toMatchObject({ reason: 'exit', stderr: ['cannot reach the house'] });
    expect(await callTool(pool, 'echo', 'echo', { text: 'fine' })).toMatchObject(echoed('fine'));
  });

  it('fetches the tools again when the server says that they changed', async () => {
    const server = 'misbehaving';
    const pool = aPool(anUpstream(server, ['changes-tools'], { minConnections: 1, warmSpares: 0 }));
    const changes: UpstreamChange[] = [];
    pool.onChange((change) => changes.push(change));
    await isUp(pool, server, 1);
    const before = pool.status(server).catalogHash;

    await callTool(pool, server, 'echo', { text: 'x' });

    await eventually(
      () => pool.status(server),
      ({ catalogHash }) => catalogHash !== before,
    );
    expect(changes).toContainEqual({ server, kind: 'catalog', list: 'tools' });
  });

  it('gives each client a child of its own, and tells when it died', async () => {
    const pool = aPool(anUpstream('echo', [], { isolation: 'per_client', maxConnections: 2 }));
    const gone: UpstreamChange[] = [];
    pool.onChange((change) => gone.push(change));
    const signal = AbortSignal.timeout(10_000);
    await Promise.all([pool.open('echo', 'ann', signal), pool.open('echo', 'bob', signal)]);

    await expect(pool.open('echo', 'cyd', signal)).rejects.toMatchObject({ reason: 'no_sessions' });
    await callTool(pool, 'echo', 'crash', {}, { client: 'ann' });
    await pool.end('echo', 'bob');

    expect(gone).toEqual([{ server: 'echo', kind: 'client_gone', client: 'ann' }]);
  });

  it('leaves no process behind', async () => {
    const pool = aPool(anUpstream('echo'), anUpstream('misbehaving', ['ignores-eof']));
    await isUp(pool, 'echo', 3);
    await isUp(pool, 'misbehaving', 3);
    const answers = await Promise.all(['echo', 'misbehaving'].map((server) => pidsOf(pool, server)));

    await pool.close();

    expect(answers.flat().filter(isRunning)).toEqual([]);
  });
});

function pidsOf(pool: SessionPool, server: string): Promise<number[]> {
  const signal = AbortSignal.timeout(1000);
  const need: SessionNeed = { kind: 'read', fingerprint: 'pid', alone: true };
  return Promise.all([1, 2].map(() => pool.use(server, need, signal, (session) => Promise.resolve(session.pid)))).then((pids) =>
    pids.filter((pid) => typeof pid === 'number'),
  );
}
