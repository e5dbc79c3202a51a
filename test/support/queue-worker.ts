// A worker of its own: `queue-worker.ts <url> <prefix> <slots>`. Tells each step on stdout; an id on stdin ends that run.
// A payload of `claim_only` is never begun.
import { createInterface } from 'node:readline';
import { Logger } from '@nestjs/common';
import { BullmqWorkQueue } from '../../src/queue/bullmq/bullmq-work-queue.js';
import { QueueConfig } from '../../src/queue/queue.config.js';
import type { Job, Verdict } from '../../src/queue/work-queue.js';
import { Redis } from '../../src/redis/redis.js';
import { SHORT_TIMES, SIGNING_KEY } from './queue-times.js';
import type { Step } from './queue-process.js';

const [url = '', prefix = '', slots = '0'] = process.argv.slice(2);
const ends = new Map<string, () => void>();

Logger.overrideLogger(false);
createInterface(process.stdin).on('line', (id) => ends.get(id)?.());
const queue = await BullmqWorkQueue.open(await Redis.open(url, prefix), new QueueConfig(), SIGNING_KEY, SHORT_TIMES);
queue.consume('house', Number(slots), run);
tell('claimed', 'ready', true);

async function run(job: Job): Promise<Verdict> {
  const { id } = job;
  tell('claimed', id, job.held());
  if (job.payload === 'claim_only') await new Promise((resolve) => ends.set(id, () => resolve(undefined)));
  if (!(await job.begin())) {
    tell('refused', id, job.held());
    return { as: 'put_back', reason: 'lost', afterMs: 0 };
  }
  tell('begun', id, job.held());
  await new Promise((resolve) => ends.set(id, () => resolve(undefined)));
  tell('ended', id, job.held());
  return { as: 'done', result: `by ${process.pid}` };
}

function tell(step: Step['step'], id: string, held: boolean): void {
  process.stdout.write(`${JSON.stringify({ step, id, held })}\n`);
}
