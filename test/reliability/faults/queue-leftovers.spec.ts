import { Logger } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { eventually } from '../../support/eventually.js';
import { QueueBed } from '../../support/queue-bed.js';
import { aRedisServer, type RedisServer } from '../../support/redis-server.js';
import { client, read, sharedRead, write } from '../../support/work-queue-kit.js';

const text = (bytes: number) => randomBytes(bytes).toString('base64');

/** What is over leaves nothing behind that others have to work off or make room for. */
describe('What the queue leaves in Redis', () => {
  let server: RedisServer;
  let bed: QueueBed;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await aRedisServer({ appendonly: 'no' });
  });
  beforeEach(() => (bed = new QueueBed(server)));
  afterEach(() => bed.close());
  afterAll(() => server.close());

  it('of calls that expired before anybody took them, is no job', async () => {
    const front = (await bed.replica()).consume(0);
    const tickets = await Promise.all([...Array(20).keys()].map(() => front.submit(read({ budgetMs: 300 }))));
    const jobs = () => bed.admin.keys(`{${bed.prefix}}:calls-house:*.*`);
    await eventually(async () => (await jobs()).length === 20);
    for (const { outcome } of tickets) expect(await outcome).toMatchObject({ state: 'not_started', reason: 'queue_timeout' });
    await eventually(async () => (await jobs()).length === 0);
  });

  it('of answers on their way, takes no room from those that are kept for replays', async () => {
    const [front, worker] = [await bed.replica(), (await bed.replica()).consume(2)];
    const large = await front.submit(read());
    (await worker.run(large)).finish(text(200_000));
    expect(await large.outcome).toMatchObject({ state: 'done' });
    expect(Number(await bed.admin.get(bed.key('bytes')))).toBe(0);

    const spec = write('house/lamp', client('kept'));
    const kept = await front.submit(spec);
    (await worker.run(kept)).finish({ ok: true });
    await kept.outcome;
    expect(Number(await bed.admin.get(bed.key('bytes')))).toBeGreaterThan(0);
    expect(await (await front.submit(spec)).outcome).toMatchObject({ state: 'done', result: { ok: true } });
  });

  it('of an answer that others still fetch, is not taken away by the next equal read', async () => {
    const [slow, next, worker] = [await bed.replica(), await bed.replica(), (await bed.replica()).consume(2)];
    const spec = sharedRead('large');
    const ticket = await slow.submit(spec);
    const run = await worker.run(ticket);
    const { command } = slow.redis;
    const get = command.getBuffer.bind(command);
    let fetch: () => void = () => undefined;
    const isTime = new Promise<void>((resolve) => (fetch = resolve));
    Object.assign(command, { getBuffer: (key: string) => isTime.then(() => get(key)) });
    const answer = text(100_000);
    run.finish(answer);
    await eventually(async () => (await bed.stateOf(ticket.id)) === 'done');
    const again = await next.submit(spec);
    fetch();
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: answer });
    (await worker.run(again, 2)).finish('fresh');
  });

  it('of a read that nobody seemed to wait for, is no answer: whoever waited all the same has it read again', async () => {
    const [front, worker] = [await bed.replica(), (await bed.replica()).consume(1)];
    const ticket = await front.submit(sharedRead('unheard'));
    const run = await worker.run(ticket);
    await bed.admin.hset(bed.key(`j:${ticket.id}`), 'followers', '');
    run.finish('unheard');
    (await worker.run(ticket, 2)).finish('heard');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'heard' });
  });
});
