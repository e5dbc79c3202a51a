import fc from 'fast-check';
import { ClientSessions } from '../../../src/bridge/client-sessions.js';
import { ClientSessionsConfig } from '../../../src/bridge/client-sessions.config.js';
import { AnswerCache } from '../../../src/cache/answer-cache.js';
import { CacheConfig } from '../../../src/cache/cache.config.js';
import { systemClock } from '../../../src/call/clock.js';
import type { ToolCall } from '../../../src/call/tool-call.js';
import { Config } from '../../../src/config/config.js';
import { Policy } from '../../../src/policy/policy.js';
import { QueueConfig } from '../../../src/queue/queue.config.js';
import { RequestIds } from '../../../src/bridge/request-ids.js';
import { UpstreamConfig } from '../../../src/session-pool/upstream.config.js';
import { MemorySharedState } from '../../../src/shared-state/memory-shared-state.js';
import { amount } from '../../support/amount.js';

const runs = { numRuns: amount(10_000, 500) };
const LONG_MS = 180_000;

const principals = fc.constantFrom('alice', 'bob', 'alice/x', 'jwt:alice');
/** What callers choose to break a name that is put together from parts. */
const hostileIds = fc.oneof(
  fc.constantFrom('1', 'a', 'a:b', ':', 'x:alice', '__proto__', 'constructor', '0'.repeat(128), 'alice'),
  fc.stringMatching(/^[A-Za-z0-9._:-]{1,8}$/),
);
const here = new AbortController().signal;

function aPolicy(): Policy {
  const config = new Config();
  const policy = { tools: { get: { kind: 'read', cache: { ttl_seconds: 60, tags: ['{id}'] } } } };
  config.upstreams = [Object.assign(new UpstreamConfig(), { name: 'house', policy })];
  return Policy.compile(config);
}

const callOf = (principal: string, id: string, requestId?: string): ToolCall => ({
  server: 'house',
  method: 'tools/call',
  name: 'get',
  params: { name: 'get', arguments: { id } },
  principal,
  ...(requestId !== undefined && { requestId }),
});

describe('What belongs to one principal', () => {
  it(
    `T3: a session is its owner's alone, in any order of opening, using and ending (${runs.numRuns} histories)`,
    async () => {
      const step = fc.tuple(principals, hostileIds, fc.constantFrom('a', 'b'), fc.constantFrom('open', 'use', 'use', 'end'));
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const sessions = new ClientSessions(new ClientSessionsConfig(), new MemorySharedState());
          const model = new Map<string, string>();
          for (const [principal, id, server, what] of steps) {
            const key = JSON.stringify([principal, id]);
            if (what === 'open') await sessions.open(principal, server, '2025-11-25', id);
            const expected = what === 'open' ? server : model.get(key);
            if (what === 'open') model.set(key, server);
            if (what === 'use') {
              const used = await sessions.use(principal, server, id).catch(() => undefined);
              expect(used && [used.principal, used.server]).toEqual(expected === server ? [principal, server] : undefined);
            }
            if (what === 'end') {
              const ended = await sessions.end(principal, id).catch(() => undefined);
              expect(ended?.server).toBe(expected);
              model.delete(key);
            }
          }
        }),
        runs,
      );
    },
    LONG_MS,
  );

  it.each([{ l2: false }, { l2: true }])(
    `T4: a cached answer is its owner's alone, L2 $l2 (${runs.numRuns} histories)`,
    async ({ l2 }) => {
      const policy = aPolicy();
      const step = fc.tuple(principals, hostileIds, fc.constantFrom(0, 1), fc.constantFrom('ask', 'ask', 'ask', 'write'));
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const shared = new MemorySharedState();
          const config = new CacheConfig();
          config.levels.l2.enabled = l2;
          const replicas = [new AnswerCache(config, shared), new AnswerCache(config, shared)];
          for (const replica of replicas) replica.onModuleInit();
          const asked = steps.map(async ([principal, id, at, what]) => {
            const cache = replicas[at]!;
            const plan = policy.plan(callOf(principal, id), { cacheControl: {} });
            if (what === 'write') return cache.invalidate('house', plan.cache?.tags ?? [], 'write');
            const load = () => Promise.resolve({ result: { principal, id }, extra: 0 });
            expect((await cache.remember(plan, {}, load, here)).result).toEqual({ principal, id });
          });
          await Promise.all(asked);
          for (const replica of replicas) replica.onModuleDestroy();
        }),
        runs,
      );
    },
    LONG_MS,
  );

  it(
    `T5: a request id is its owner's alone, whatever it looks like (${runs.numRuns} histories)`,
    async () => {
      const policy = aPolicy();
      const step = fc.tuple(principals, hostileIds, fc.constantFrom('p', 'q'));
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const ids = new RequestIds(new QueueConfig(), new MemorySharedState());
          const payloads = new Map<string, string>();
          for (const [principal, requestId, payload] of steps) {
            const plan = {
              ...policy.plan(callOf(principal, payload, requestId), { cacheControl: {} }),
              deadline: systemClock.now() + 1000,
            };
            const result = { of: principal, payload };
            const load = () => Promise.resolve({ result, extra: { attempts: 1, queuedMs: 0, ranMs: 0, replayed: false } });
            const answer = await ids.once(plan, load, () => Promise.resolve({ result, cached: true }), here).catch(() => undefined);
            const key = JSON.stringify([principal, requestId]);
            const first = payloads.get(key) ?? payload;
            payloads.set(key, first);
            expect(answer?.result).toEqual(first === payload ? result : undefined);
          }
        }),
        runs,
      );
    },
    LONG_MS,
  );
});
