import { randomUUID } from 'node:crypto';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const PATIENCE_MS = 30_000;
const SLOTS = 64;
const MEDIUM = 3;
/** The cheapest that BullMQ offers: nothing is kept. */
const JOB = { attempts: 1, priority: MEDIUM, removeOnComplete: true, removeOnFail: true };
/** Who waits looks for the job after it has ended. */
const KEPT_JOB = { ...JOB, removeOnComplete: 1000 };

/** BullMQ alone, whose worker publishes the result to the one who waits. */
export const ownReply = {
  async front({ url, name }) {
    const queue = aQueue(url, name, { streams: { events: { maxLen: 100 } } });
    const waiting = new Map();
    const sub = connection(url);
    await sub.subscribe(channelOf(name));
    sub.on('message', (_channel, message) => {
      const { id, result } = JSON.parse(message);
      waiting.get(id)(result);
      waiting.delete(id);
    });
    return async (params) => {
      const id = randomUUID();
      const answer = new Promise((resolve) => waiting.set(id, resolve));
      await queue.add('call', { id, params }, JOB);
      return answer;
    };
  },

  async worker({ url, name }, run) {
    const publisher = connection(url);
    await aWorker(url, name, async ({ data: { id, params } }) => {
      await publisher.publish(channelOf(name), JSON.stringify({ id, result: await run(params) }));
      return null;
    });
  },
};

/** BullMQ as its guide shows it. */
export const waitUntilFinished = {
  async front({ url, name }) {
    const queue = aQueue(url, name).setMaxListeners(0); // whoever waits listens
    const events = new QueueEvents(name, { connection: connection(url) }).setMaxListeners(0);
    await events.waitUntilReady();
    return async (params) => (await queue.add('call', { params }, KEPT_JOB)).waitUntilFinished(events, PATIENCE_MS);
  },

  async worker({ url, name }, run) {
    await aWorker(url, name, ({ data: { params } }) => run(params));
  },
};

function aQueue(url, name, options) {
  return new Queue(name, { connection: connection(url), ...options });
}

async function aWorker(url, name, process) {
  await new Worker(name, process, { connection: connection(url), concurrency: SLOTS }).waitUntilReady();
}

function channelOf(name) {
  return `${name}:replies`;
}

function connection(url) {
  return new Redis(url, { maxRetriesPerRequest: null });
}
