import { aBridge, type RunningBridge, upstream } from '../support/a-bridge.js';
import { Ledger, overlaps, widest } from '../support/ledger.js';

const FOUR_CHILDREN = { min_connections: 4, target_connections: 4, max_connections: 4, warm_spares: 0 };
const targets = [...Array(10).keys()].map((n) => `lamp.other_${n}`);

const policyWith = (write: object) => ({ tools: { write: { kind: 'write', ...write }, read: { kind: 'read' } } });

describe('Twenty writes to one entity through four children', () => {
  let ledger: Ledger;
  let bridge: RunningBridge;

  async function begin(policy: object): Promise<void> {
    ledger = new Ledger();
    bridge = await aBridge({ upstreams: { ledger: upstream('ledger', [ledger.path], { ...FOUR_CHILDREN, policy }) } });
    await bridge.post('/mcp/tools/list', {});
  }

  afterEach(async () => {
    await bridge.close();
    ledger.remove();
  });

  const write = (entity: string, op: string) => bridge.call('write', { entity, op, work_ms: 10 });

  it('run one after another, in order of arrival, while other entities run beside them', async () => {
    await begin(policyWith({ targets: ['/entity'] }));

    const one = [...Array(20).keys()].map((n) => write('lamp.one', `one-${String(n).padStart(2, '0')}`));
    const others = targets.map((entity) => write(entity, entity));
    const replies = await Promise.all([...one, ...others]);

    expect(replies.map(({ status }) => status)).toEqual(Array(30).fill(200));
    const runs = ledger.runs();
    expect(runs.filter(({ entities }) => entities.includes('lamp.one'))).toHaveLength(20);
    expect(overlaps(runs)).toEqual([]);
    expect(widest(runs)).toBeGreaterThan(1);
    expect(new Set(runs.map(({ pid }) => pid)).size).toBeGreaterThan(1);
  });

  it('run in the order in which they were sent when each is accepted before the next is sent', async () => {
    await begin(policyWith({ targets: ['/entity'] }));
    const slow = write('lamp.one', 'first');
    const sent: Promise<unknown>[] = [slow];
    for (let n = 0; n < 20; n += 1) {
      const waiting = (await bridge.get('/mcp/status')).body.queue.pending;
      sent.push(write('lamp.one', `op-${String(n).padStart(2, '0')}`));
      for (;;) {
        const { pending, completed_today: completed } = (await bridge.get('/mcp/status')).body.queue;
        if (pending > waiting || completed > 0) break;
      }
    }
    await Promise.all(sent);
    const order = ledger.runs().map(({ op }) => op);
    expect(order.slice(1)).toEqual([...order.slice(1)].sort());
  });

  it('would overlap without their locks: the checker sees it', async () => {
    await begin(policyWith({ lock: [] }));
    await Promise.all([...Array(20).keys()].map((n) => write('lamp.one', `one-${n}`)));
    expect(overlaps(ledger.runs()).length).toBeGreaterThan(0);
  });
});
