import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { eventually } from '../support/eventually.js';
import { Ledger } from '../support/ledger.js';

const policy = { tools: { write: { kind: 'write', targets: ['/entity'] }, read: { kind: 'read' } } };

describe('F1: a child that is killed in mid-call', () => {
  let ledger: Ledger;
  let bridge: RunningBridge;

  beforeEach(async () => {
    ledger = new Ledger();
    bridge = await aBridge({ upstreams: { ledger: upstream('ledger', [ledger.path], { min_connections: 2, policy }) } });
    await bridge.post('/mcp/tools/list', {});
  });

  afterEach(async () => {
    await bridge.close();
    ledger.remove();
  });

  const started = (kind: 'read' | 'write', op: string) =>
    eventually(
      () => ledger.runs(kind).find((run) => run.op === op),
      (run) => run !== undefined,
    );

  it('costs a read nothing but time: another child answers it', async () => {
    const reading = bridge.call('read', { entity: 'lamp.one', op: 'r1', work_ms: 300 });
    process.kill((await started('read', 'r1'))!.pid, 'SIGKILL');

    const { status, body } = await reading;
    expect(status).toBe(200);
    expect(body.bridge_info.attempts).toBe(2);
    expect(ledger.runs('read').filter(({ op }) => op === 'r1')).toHaveLength(2);
  });

  it('leaves a write unknown, says so, and never runs it again', async () => {
    const writing = bridge.call('write', { entity: 'lamp.one', op: 'w1', work_ms: 300 });
    process.kill((await started('write', 'w1'))!.pid, 'SIGKILL');

    const { status, body } = await writing;
    expect(status).toBe(502);
    expect(body.error).toMatchObject({ code: -32005, data: { outcome: 'unknown' } });
    expect((await bridge.call('write', { entity: 'lamp.one', op: 'w2' })).status).toBe(200);
    expect(ledger.runs().map(({ op }) => op)).toEqual(['w1', 'w2']);
  });

  it('answers a repeat of the same request id with unknown again, and runs nothing', async () => {
    const headers = { 'X-Request-ID': 'the-same' };
    const writing = bridge.call('write', { entity: 'lamp.one', op: 'w1', work_ms: 300 }, headers);
    process.kill((await started('write', 'w1'))!.pid, 'SIGKILL');
    await writing;

    const { status, body } = await bridge.call('write', { entity: 'lamp.one', op: 'w1', work_ms: 300 }, headers);
    expect(status).toBe(502);
    expect(body.error.data.outcome).toBe('unknown');
    expect(ledger.runs()).toHaveLength(1);
  });

  it('leaves the pool whole again', async () => {
    const writing = bridge.call('write', { entity: 'lamp.one', op: 'w1', work_ms: 300 });
    process.kill((await started('write', 'w1'))!.pid, 'SIGKILL');
    await writing;
    const sessions = () => bridge.get('/mcp/status').then(({ body }) => body.sessions);
    await eventually(sessions, ({ available, by_status }) => available >= 2 && by_status.reconnecting === 0);
  });
});
