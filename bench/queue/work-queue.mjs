import { randomUUID } from 'node:crypto';
import { CallAbort } from '../../dist/call/call-signal.js';
import { BullmqWorkQueue } from '../../dist/queue/bullmq/bullmq-work-queue.js';
import { EmbeddedWorkQueue } from '../../dist/queue/embedded/embedded-work-queue.js';
import { QueueConfig } from '../../dist/queue/queue.config.js';
import { Redis } from '../../dist/redis/redis.js';

const LANE = 'house';
const SLOTS = 64;
const MEDIUM = 2;
const SPEC = { lane: LANE, priority: MEDIUM, share: 'bench', budgetMs: 30_000, holdMs: 2_000 };

/** Accepted by one process, run by another. */
export const fullPath = {
  front: async (place) => callerOf(await onRedis(place)),
  worker: async (place, run) => consume(await onRedis(place), run),
};

/** Accepted and run by one process that has a free slot, while nobody waits. */
export const fastLane = { front: async (place, run) => alone(await onRedis(place), run) };

export const embedded = { front: (_place, run) => alone(new EmbeddedWorkQueue(new QueueConfig()), run) };

async function onRedis({ url, name }) {
  return BullmqWorkQueue.open(await Redis.open(url, name), new QueueConfig(), 'the key of the bench');
}

function alone(queue, run) {
  consume(queue, run);
  return callerOf(queue);
}

/** A write locks one entity, which stands in three lines; every caller has his own, so that nobody waits. */
function callerOf(queue) {
  const path = (entity) => ['house', 'light', `light.lamp_${entity}`];
  return async (params, kind) => {
    const isWrite = kind === 'write';
    const key = { as: isWrite ? 'once' : 'shared', id: randomUUID() };
    const locks = isWrite ? [{ path: path(params.arguments.entity), mode: 'X' }] : [];
    const ticket = await queue.submit({ ...SPEC, key, kind, locks, payload: params }, new CallAbort());
    const outcome = await ticket.outcome;
    if (outcome.state !== 'done') throw new Error(`not done: ${JSON.stringify(outcome)}`);
    return outcome.result;
  };
}

function consume(queue, run) {
  queue.consume(LANE, SLOTS, async (job) => {
    if (!(await job.begin())) return { as: 'put_back', reason: 'lost', afterMs: 0 };
    return { as: 'done', result: await run(job.payload, job.signal) };
  });
}
