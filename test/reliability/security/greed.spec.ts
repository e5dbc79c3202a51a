import { hash } from 'node:crypto';
import { aBridge, type RunningBridge, upstream } from '../../support/a-bridge.js';
import { eventually } from '../../support/eventually.js';
import { Ledger } from '../../support/ledger.js';

const GREEDY = { 'X-API-Key': 'the key of a hundred greedy clients' };
const ENTITLED = { 'X-API-Key': 'the key of somebody who may hurry' };
const SLOTS = 4;
const CLIENTS = 100;

describe('T6: a hundred clients that all say CRITICAL', () => {
  const ledger = new Ledger();
  let bridge: RunningBridge;

  beforeAll(async () => {
    const greedy = { name: 'greedy', sha256: hash('sha256', GREEDY['X-API-Key']) };
    const entitled = { name: 'entitled', sha256: hash('sha256', ENTITLED['X-API-Key']), max_priority: 'CRITICAL' };
    bridge = await aBridge({
      access: { keys: [greedy, entitled] },
      session_pool: { min_connections: 1, target_connections: 1, max_connections: 1, warm_spares: 0, max_in_flight: SLOTS },
      upstreams: { ledger: upstream('ledger', [ledger.path], { policy: { tools: { read: { kind: 'read' } } } }) },
    });
    await bridge.post('/mcp/tools/list', {}, GREEDY);
  });
  afterAll(async () => {
    await bridge.close();
    ledger.remove();
  });

  const read = (op: string, who: Record<string, string>) =>
    bridge.call('read', { entity: 'lamp', op, work_ms: 20 }, { ...who, 'X-Priority': 'CRITICAL' });

  it('get HIGH, and whoever may hurry waits for no more than what runs already', async () => {
    const flood = Array.from({ length: CLIENTS }, (_, n) => read(`greedy-${n}`, GREEDY));
    await eventually(() => ledger.runs('read').length >= SLOTS);
    const before = ledger.runs('read').length;
    const hurried = await read('entitled', ENTITLED);
    expect(hurried.body.bridge_info.priority).toBe('CRITICAL');

    const answers = await Promise.all(flood);
    expect(new Set(answers.map(({ body }) => body.bridge_info.priority))).toEqual(new Set(['HIGH']));
    const place = ledger.runs('read').findIndex(({ op }) => op === 'entitled');
    // what a slot took between the look at the ledger and the acceptance runs before it
    expect(place - before).toBeLessThanOrEqual(2 * SLOTS);
  });
});
