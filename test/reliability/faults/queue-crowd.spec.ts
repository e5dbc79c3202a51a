import { Logger } from '@nestjs/common';
import type { JobSpec } from '../../../src/queue/work-queue.js';
import { eventually } from '../../support/eventually.js';
import { QueueBed, type QueueReplica } from '../../support/queue-bed.js';
import { aRedisServer, type RedisServer } from '../../support/redis-server.js';
import { client, read, write } from '../../support/work-queue-kit.js';

describe('Three replicas', () => {
  let server: RedisServer;
  let bed: QueueBed;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await aRedisServer();
  });
  beforeEach(() => {
    bed = new QueueBed(server);
  });
  afterEach(() => bed.close());
  afterAll(() => server.close());

  const three = (config = {}) => Promise.all([0, 1, 2].map(() => bed.replica({ config })));

  it('make one execution of each id that comes to all of them at one moment, and 300 equal answers of 100', async () => {
    const runs: string[] = [];
    const replicas = await three();
    for (const replica of replicas) {
      replica.consume(4, async (job) => {
        if (!(await job.begin())) return { as: 'put_back', reason: 'lost', afterMs: 0 };
        runs.push(job.id);
        return { as: 'done', result: `${job.id} was run` };
      });
    }
    const ids = [...Array(100).keys()].map((n) => `id-${n}`);
    const all = ids.flatMap((id) => replicas.map((replica) => answerOf(replica, write(`house/${id}`, client(id)))));
    const answers = await Promise.all(all);
    expect(answers.map((outcome) => 'result' in outcome && outcome.result)).toEqual(
      ids.flatMap((id) => Array<string>(3).fill(`${id} was run`)),
    );
    expect([...runs].sort()).toEqual([...ids].sort());
  }, 30_000);

  it('accept together exactly as many as may wait', async () => {
    const replicas = await three({ maxSize: 50 });
    const submits = [...Array(240).keys()].map((n) => replicas[n % 3]!.submit(read({ budgetMs: 3_000 })).then(() => 'accepted', reasonOf));
    const answers = await Promise.all(submits);
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(50);
    expect(answers.filter((answer) => answer === 'queue_full')).toHaveLength(190);
  }, 30_000);

  it('run 60 writes of one lamp one at a time, in the order of their acceptance', async () => {
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const replicas = await three();
    for (const replica of replicas) {
      replica.consume(4, async (job) => {
        if (!(await job.begin())) return { as: 'put_back', reason: 'lost', afterMs: 0 };
        running += 1;
        most = Math.max(most, running);
        order.push(job.seq);
        await eventually(() => true);
        running -= 1;
        return { as: 'done', result: null };
      });
    }
    const tickets = await Promise.all([...Array(60).keys()].map((n) => replicas[n % 3]!.submit(write('house/lamp', { budgetMs: 25_000 }))));
    const outcomes = await Promise.all(tickets.map(({ outcome }) => outcome));
    expect(outcomes.map(({ state }) => state)).toEqual(Array(60).fill('done'));
    expect(most).toBe(1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  }, 30_000);
});

async function answerOf(replica: QueueReplica, spec: JobSpec) {
  return (await replica.submit(spec)).outcome;
}

function reasonOf(error: unknown): string {
  return (error as { reason: string }).reason;
}
