import { upstream } from '../support/a-bridge.js';
import { aCluster, type Cluster } from '../support/a-cluster.js';
import { eventually } from '../support/eventually.js';
import { post } from '../support/post.js';

const INITIALIZE = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const POLICY = { tools: { recall: { kind: 'read' }, remember: { kind: 'write' }, crash: { kind: 'write' } } };
/** Processes, their children and a Redis have to start, on a machine that may be busy. */
const START_MS = 120_000;
const LOADED_MS = 60_000;

describe('A child for each client, on several replicas', () => {
  let cluster: Cluster;

  const url = (replica: number) => cluster.replicas[replica]!.url;
  const open = async (replica: number, more: object = {}): Promise<string> => {
    const { status, body } = await post(`${url(replica)}/mcp/initialize`, { ...INITIALIZE, ...more });
    expect([status, body]).toEqual([200, expect.anything()]);
    return body.result.session_id;
  };
  const call = (replica: number, session: string | undefined, name: string, args: object = {}, timeoutSeconds = 30) =>
    post(`${url(replica)}/mcp/tools/call`, { name, arguments: args }, headersOf(session, timeoutSeconds));
  const headersOf = (session: string | undefined, timeoutSeconds: number): Record<string, string> => ({
    'X-Timeout': String(timeoutSeconds),
    ...(session !== undefined && { 'X-Session-ID': session }),
  });
  const recall = async (replica: number, session?: string) => (await call(replica, session, 'recall')).body.structuredContent;
  const told = ({ status, body }: { status: number; body: any }) => [status, body.error?.code, body.error?.data.outcome];
  const queue = async (replica: number): Promise<{ processing: number; pending: number }> =>
    ((await (await fetch(`${url(replica)}/mcp/status`)).json()) as any).queue;

  beforeAll(async () => {
    const upstreams = { notes: upstream('stateful', [], { isolation: 'per_client', policy: POLICY, warm_spares: 1, max_in_flight: 1 }) };
    cluster = await aCluster({ settings: () => ({ upstreams, shutdown: { delay_seconds: 0 } }), replicas: 3 });
  }, START_MS);
  afterAll(() => cluster.close(), START_MS);

  it(
    'keeps its state whichever replica is called, and apart from that of other sessions',
    async () => {
      const [one, two] = [await open(0), await open(1)];
      for (const replica of [0, 1, 2]) await call(replica, one, 'remember', { text: `by ${replica}` });
      await call(0, two, 'remember', { text: 'of two' });

      const [ofOne, again, ofTwo] = [await recall(1, one), await recall(2, one), await recall(2, two)];
      expect(ofOne.notes).toEqual(['by 0', 'by 1', 'by 2']);
      expect(again).toEqual(ofOne);
      expect(ofTwo.notes).toEqual(['of two']);
      expect(ofTwo.pid).not.toBe(ofOne.pid);
    },
    LOADED_MS,
  );

  it(
    'runs each of many calls from all replicas exactly once',
    async () => {
      const session = await open(0);
      const texts = [...Array(15).keys()].map((n) => `note ${n}`);
      const replies = await Promise.all(texts.map((text, n) => call(n % 3, session, 'remember', { text })));
      expect(replies.map(({ status }) => status)).toEqual(texts.map(() => 200));
      expect([...(await recall(1, session)).notes].sort()).toEqual([...texts].sort());
    },
    LOADED_MS,
  );

  it(
    'serves calls without a session from one child of the caller, wherever they come',
    async () => {
      for (const replica of [2, 0, 1]) await call(replica, undefined, 'remember', { text: `by ${replica}` });
      expect((await recall(0)).notes).toEqual(['by 2', 'by 0', 'by 1']);
    },
    LOADED_MS,
  );

  it(
    'ends the child with its session, on whichever replica that is ended',
    async () => {
      const session = await open(0);
      const { pid } = await recall(1, session);
      const ended = await fetch(`${url(2)}/mcp/session`, { method: 'DELETE', headers: { 'X-Session-ID': session } });
      expect(ended.status).toBe(204);
      await eventually(() => !cluster.replicas[0]!.children().includes(pid), Boolean, LOADED_MS);
      expect((await call(0, session, 'recall')).status).toBe(404);
    },
    LOADED_MS,
  );

  it(
    'ends the session when its child dies, for all replicas',
    async () => {
      const session = await open(0);
      expect(told(await call(1, session, 'crash'))).toEqual([502, -32005, 'unknown']);
      await eventually(
        async () => (await call(2, session, 'recall')).status,
        (status) => status === 404,
        LOADED_MS,
      );
      expect((await call(1, session, 'recall')).status).toBe(404);
    },
    LOADED_MS,
  );

  it(
    'stays where it is when another replica renews its session',
    async () => {
      const session = await open(0);
      await call(0, session, 'remember', { text: 'before' });
      expect(await open(1, { session_id: session })).toBe(session);
      expect((await recall(2, session)).notes).toEqual(['before']);
    },
    LOADED_MS,
  );

  it(
    'is lost with its replica: 404 for who waits and who comes, a write that had begun is unknown, and initialize works again',
    async () => {
      const owner = cluster.replicas[2]!;
      const session = await open(2);
      expect((await recall(0, session)).notes).toEqual([]);
      await eventually(
        () => queue(0),
        ({ processing, pending }) => processing + pending === 0,
        LOADED_MS,
      );
      const running = call(0, session, 'remember', { text: 'lost', ms: 60_000 }, 50);
      await eventually(
        () => queue(0),
        ({ processing }) => processing === 1,
        LOADED_MS,
      );
      const waiting = call(1, session, 'remember', { text: 'never' }, 50);
      await eventually(
        () => queue(0),
        ({ processing, pending }) => processing + pending === 2,
        LOADED_MS,
      );

      await owner.stop('SIGKILL');
      expect(told(await waiting)).toEqual([404, -32001, 'not_started']);
      expect(told(await call(0, session, 'recall'))).toEqual([404, -32001, 'not_started']);
      expect(told(await running)).toEqual([502, -32005, 'unknown']);
      expect((await recall(1, await open(0))).notes).toEqual([]);
    },
    2 * LOADED_MS,
  );
});
