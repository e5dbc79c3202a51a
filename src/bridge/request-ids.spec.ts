import { BridgeError } from '../call/bridge-error.js';
import type { CallPlan } from '../call/call-plan.js';
import { QueueConfig } from '../queue/queue.config.js';
import { MemorySharedState } from '../shared-state/memory-shared-state.js';
import { RequestIds } from './request-ids.js';

const call = { server: 'house', method: 'tools/call', params: {}, principal: 'me', requestId: 'mine' };
const planOf = (kind: 'read' | 'write') => ({ kind, call, deadline: performance.now() + 1_000 }) as unknown as CallPlan;
const never = () => Promise.reject(new Error('nobody should be asked'));

describe(RequestIds.name, () => {
  describe('while the shared store is away', () => {
    const store = new MemorySharedState();
    store.putIfAbsent = () => Promise.reject(new BridgeError('store_away', 'It cannot be reached'));
    const ids = new RequestIds(new QueueConfig(), store);
    const asking = (kind: 'read' | 'write') => ids.once(planOf(kind), never, never, new AbortController().signal);

    it('says of a write that it was not started', async () => {
      await expect(asking('write')).rejects.toMatchObject({ reason: 'store_away', data: { outcome: 'not_started' } });
    });

    it('leaves it at the error for a read', async () => {
      await expect(asking('read')).rejects.toMatchObject({ reason: 'store_away', data: {} });
    });
  });

  it('gives a cached answer that a store gone meanwhile could not keep', async () => {
    const store = new MemorySharedState();
    store.put = () => Promise.reject(new BridgeError('store_away', 'It cannot be reached'));
    const plan: CallPlan = { ...planOf('read'), cache: { key: 'k', ttlMs: 1_000 } as unknown as NonNullable<CallPlan['cache']> };
    const answer = { result: { content: [] }, cached: true };
    const given = new RequestIds(new QueueConfig(), store).once(plan, never, () => Promise.resolve(answer), new AbortController().signal);
    await expect(given).resolves.toBe(answer);
  });
});
