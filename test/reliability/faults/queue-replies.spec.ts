import { Logger } from '@nestjs/common';
import { Queue, Worker } from 'bullmq';
import { Redis as Connection } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { QueueBed, type QueueReplica } from '../../support/queue-bed.js';
import { aRedisServer, type RedisServer } from '../../support/redis-server.js';
import { client, read, sharedRead, write } from '../../support/work-queue-kit.js';

/** F8, F9, F17, T17: answers, records, acceptances and messages that are lost on their way, come late, or come twice. */
describe('The queue, when', () => {
  let server: RedisServer;
  let bed: QueueBed;
  let replica: QueueReplica;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await aRedisServer();
  });
  beforeEach(async () => {
    bed = new QueueBed(server);
    replica = await bed.replica();
    await knowAllScripts(bed);
  });
  afterEach(() => bed.close());
  afterAll(() => server.close());

  it.each([0, 1])(
    'the answer to an acceptance is lost with %i slots free here, runs it once and tells its true outcome',
    async (slots) => {
      const spec = write('house/lamp', { ...client(`lost acceptance ${slots}`), budgetMs: 15_000 });
      replica.consume(slots);
      await eventually(async () => (await replica.queue.stats(AbortSignal.timeout(1_000))).slots === slots);
      const ticket = await loseAnswerOf(
        replica,
        () => replica.submit(spec),
        () => bed.stateOf(spec.key.id),
      );
      replica.setSlots(1);
      (await replica.run(ticket)).finish('once');
      expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'once', attempts: 1 });
      expect(replica.handedOut).toHaveLength(1);
      expect(replica.events).toContainEqual(expect.objectContaining({ is: 'accepted', how: 'doubt' }));
    },
    30_000,
  );

  it('the refusal of a reused request id is lost, refuses it all the same and tells nothing of the other call', async () => {
    const other = await replica.submit(write('house/lamp', { ...client('reused', 'one payload'), budgetMs: 15_000 }));
    loseAnswersOf(replica.redis.command, other.id, 1);
    const reused = write('house/door', { ...client('reused', 'another payload'), budgetMs: 15_000 });
    await expect(replica.submit(reused)).rejects.toMatchObject({ reason: 'request_id_reused', data: { outcome: 'not_started' } });
    replica.consume(1);
    (await replica.run(other)).finish('of one');
    expect(await other.outcome).toMatchObject({ state: 'done', result: 'of one' });
  }, 30_000);

  it('Redis was emptied and the next acceptance does not arrive, proves that it did not', async () => {
    const spec = write('house/lamp', { budgetMs: 15_000 });
    await bed.admin.flushall();
    swallow(replica.redis.command, spec.key.id, 2);
    await expect(replica.submit(spec)).rejects.toMatchObject({ reason: 'store_away', data: { outcome: 'not_started' } });
  }, 30_000);

  it.each([
    ['a write, just after its time', write('house/lamp', { budgetMs: 200 }), 300],
    ['a write, when its caller was answered', write('house/lamp', { budgetMs: 200 }), 900],
    ['a read, when its caller was answered', read({ budgetMs: 200 }), 900],
  ])(
    'the fast lane hands out %s, gives it back at once and never runs it',
    async (_what, spec, afterMs) => {
      const patient = (await bed.replica({})).consume(2);
      await knowScripts(patient);
      const submittedAt = performance.now();
      patient.path.set('down', { as: 'hold' });
      const submitting = patient.submit(spec).then(({ outcome }) => outcome, reasonOf);
      await eventually(async () => ['claimed', 'begun'].includes(String(await bed.stateOf(spec.key.id))));
      await eventually(() => performance.now() - submittedAt > afterMs);
      patient.path.heal();
      await eventually(async () => (await bed.stateOf(spec.key.id)) === 'expired');
      expect(await submitting).toEqual(expect.anything());
      const next = await patient.submit(write('house/lamp', { budgetMs: 10_000 }));
      (await patient.run(next)).finish('next');
      expect(await next.outcome).toMatchObject({ state: 'done', result: 'next' });
      expect(patient.handedOut).toHaveLength(3);
    },
    30_000,
  );

  it.each([
    ['a write', write('house/lamp', { budgetMs: 300 })],
    ['a read', read({ budgetMs: 300 })],
  ])(
    'the fast lane hands out %s and its word is lost for good, gives it back long before the lease ends',
    async (_what, spec) => {
      const cut = (await bed.replica({})).consume(2);
      await knowScripts(cut);
      const runs = cut.handedOut.length;
      cut.path.set('down', { as: 'drop' });
      const submitting = cut.submit(spec).then(() => 'accepted', reasonOf);
      await eventually(async () => ['claimed', 'begun'].includes(String(await bed.stateOf(spec.key.id))));
      await cut.path.refuse();
      expect(await submitting).toBe(spec.kind === 'write' ? 'outcome_unknown' : 'store_away');
      cut.path.heal();
      await cut.path.accept();
      await eventually(async () => (await bed.stateOf(spec.key.id)) === 'expired');
      expect(cut.handedOut).toHaveLength(runs);
    },
    30_000,
  );

  it('a read is joined after it was told that its time is over, runs it again for who joined', async () => {
    const worker = (await bed.replica()).consume(1);
    const hurried = await replica.submit(sharedRead('late', { budgetMs: 500 }));
    const run = await worker.run(hurried);
    await eventually(() => run.abortReason === 'deadline');
    const patient = await replica.submit(sharedRead('late', { budgetMs: 15_000 }));
    expect(patient.how).toBe('joined');
    run.end({ as: 'unknown', reason: 'timed_out' });
    (await worker.run(patient, 2)).finish('in time');
    expect(await patient.outcome).toMatchObject({ state: 'done', result: 'in time' });
  }, 30_000);

  it('the answer to a claim is lost, runs it once', async () => {
    const spec = write('house/lamp', { budgetMs: 15_000 });
    const ticket = await replica.submit(spec);
    loseNextAnswerOfWork(replica);
    replica.consume(1);
    (await replica.run(ticket)).finish('once');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'once', attempts: 1 });
    expect(replica.handedOut).toHaveLength(1);
  }, 30_000);

  it.each(['claim', 'acceptance'])(
    'the answer to %s comes when its replica is leaving, gives back what it brings, for others to run',
    async (what) => {
      const leaving = (await bed.replica({})).consume(2);
      await knowScripts(leaving);
      const runs = leaving.handedOut.length;
      leaving.setSlots(what === 'claim' ? 0 : 2);
      const spec = write('house/lamp', { budgetMs: 15_000 });
      const submitting = what === 'claim' ? replica.submit(spec) : undefined;
      await submitting;
      const release = holdAnswerOf(what === 'claim' ? leaving.redis.work : leaving.redis.command, spec.key.id);
      leaving.setSlots(2);
      const ticket = submitting ?? leaving.submit(spec);
      await eventually(async () => (await bed.stateOf(spec.key.id)) === 'claimed');
      const closing = leaving.queue.close(5_000);
      release();
      replica.consume(1);
      (await replica.run(await ticket)).finish('elsewhere');
      expect(await (await ticket).outcome).toMatchObject({ state: 'done', result: 'elsewhere', attempts: 1 });
      await closing;
      expect(leaving.handedOut).toHaveLength(runs);
    },
    30_000,
  );

  it('the answer to a begin is lost, does not turn a good run into an unknown one', async () => {
    let mayBegin: () => void = () => undefined;
    const allowed = new Promise<void>((resolve) => (mayBegin = resolve));
    let begins = 0;
    replica.consume(1, async (job) => {
      await allowed;
      if (!(await job.begin())) return { as: 'put_back', reason: 'lost', afterMs: 0 };
      begins += 1;
      return { as: 'done', result: job.held() };
    });
    const ticket = await replica.submit(write('house/lamp', { budgetMs: 15_000 }));
    await eventually(async () => (await bed.stateOf(ticket.id)) === 'claimed');
    await loseAnswerOf(replica, mayBegin, async () => (await bed.stateOf(ticket.id)) === 'begun');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: true, attempts: 1 });
    expect(begins).toBe(1);
  }, 30_000);

  it('the answer to a finish is lost, tells the caller and records the same', async () => {
    const spec = write('house/lamp', { ...client('lost finish'), budgetMs: 15_000 });
    replica.consume(1);
    const ticket = await replica.submit(spec);
    const run = await replica.run(ticket);
    await loseAnswerOf(
      replica,
      () => run.finish('true'),
      async () => (await bed.stateOf(ticket.id)) === 'done',
    );
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'true' });
    await eventually(() => replica.queue.ready().ok, Boolean, 10_000);
    expect(await (await replica.submit(spec)).outcome).toMatchObject({ state: 'done', result: 'true' });
    await eventually(async () => (await replica.queue.stats(AbortSignal.timeout(1_000))).running === 0);
  }, 30_000);

  it('the answer to a finish is slow and the record is asked meanwhile, tells the whole result', async () => {
    replica.consume(1);
    const ticket = await replica.submit(write('house/lamp', { budgetMs: 15_000 }));
    const run = await replica.run(ticket);
    const release = holdAnswerOf(replica.redis.work, ticket.id);
    run.finish('whole');
    await eventually(async () => (await bed.stateOf(ticket.id)) === 'done');
    await bed.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'whole' });
    release();
  }, 30_000);

  it('BullMQ delivers again what runs already, refuses the second delivery and tells the caller the true result', async () => {
    replica.consume(1);
    const held = await replica.submit(read({ budgetMs: 15_000 }));
    const ticket = await replica.submit(write('house/lamp', { budgetMs: 15_000 }));
    (await replica.run(held)).finish();
    const run = await replica.run(ticket);
    const other = (await bed.replica()).consume(1);
    const turn = await bed.admin.hget(bed.key(`j:${ticket.id}`), 'turn');
    await deliverAgain(server, bed.prefix, ticket.id, String(turn));
    await eventually(() => other.events.some((event) => event.is === 'refused' && event.script === 'claim'));
    run.finish('the first');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'the first' });
    expect(other.handedOut).toHaveLength(0);
  }, 30_000);

  it('somebody got the job of BullMQ and went without a word, offers it anew long before BullMQ does', async () => {
    const ticket = await replica.submit(write('house/lamp', { budgetMs: 15_000 }));
    await takeAndGo(server, bed.prefix);
    replica.consume(1);
    (await replica.run(ticket)).finish('done');
    expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'done', attempts: 1 });
    expect(replica.handedOut).toHaveLength(1);
  }, 30_000);

  it('an acceptance is held up and delivered late, never runs what was answered as not started', async () => {
    replica.consume(1);
    const spec = write('house/lamp', { budgetMs: 8_000 });
    replica.path.strand(spec.key.id);
    const submitting = replica.submit(spec).catch((error: unknown) => error);
    expect(await submitting).toMatchObject({ reason: 'store_away', data: { outcome: 'not_started' } });
    replica.path.deliver();
    const later = await eventually(() => replica.submit(write('house/lamp')).catch(() => undefined), Boolean, 10_000);
    const run = await replica.run(later!);
    expect(await bed.stateOf(spec.key.id)).toBeNull();
    expect(replica.handedOut).toEqual([run]);
  }, 30_000);

  it.each([
    ['back', -60_000],
    ['forth', 60_000],
  ])(
    'the clock of Redis is set %s, accepts the very next call',
    async (_whither, ms) => {
      await misreadClock(replica, ms);
      replica.consume(1);
      const ticket = await replica.submit(write('house/lamp', { budgetMs: 10_000 }));
      (await replica.run(ticket)).finish('in time');
      expect(await ticket.outcome).toMatchObject({ state: 'done', result: 'in time' });
      expect(Math.abs(replica.redis.serverNow()! - Date.now())).toBeLessThan(1_000);
    },
    30_000,
  );

  it('scripts are flushed, notices nothing', async () => {
    replica.consume(1);
    await bed.admin.script('FLUSH');
    const ticket = await replica.submit(write('house/lamp'));
    await bed.admin.script('FLUSH');
    (await replica.run(ticket)).finish('done');
    expect(await ticket.outcome).toMatchObject({ state: 'done' });
  }, 30_000);

  it('messages are lost, finds the outcomes by asking', async () => {
    const worker = (await bed.replica()).consume(4);
    const tickets = await Promise.all([0, 1, 2, 3].map(() => replica.submit(read({ budgetMs: 15_000 }))));
    const runs = await Promise.all(tickets.map((ticket) => worker.run(ticket)));
    await bed.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (const run of runs) run.finish('found');
    const finishedAt = performance.now();
    for (const { outcome } of tickets) expect(await outcome).toMatchObject({ state: 'done', result: 'found' });
    expect(performance.now() - finishedAt).toBeLessThan(3_000);
  }, 30_000);

  it.each([
    ['payload', (signed: string) => signed.replace('mine', 'evil')],
    ['locks', () => JSON.stringify([['garden', 'X']])],
    ['kind', () => 'read'],
    ['share', () => 'another'],
    ['lane', () => 'garden'],
  ])(
    "somebody else has changed a record's %s, does not run it, says so at once and goes on",
    async (field, changed) => {
      const ticket = await replica.submit(write('house/lamp', { payload: { tool: 'mine' }, budgetMs: 15_000 }));
      const key = bed.key(`j:${ticket.id}`);
      await bed.admin.hset(key, field, changed(String(await bed.admin.hget(key, field))));
      replica.consume(1);
      expect(await ticket.outcome).toMatchObject({ state: 'failed', error: { data: { reason: 'forged' } }, begun: false });
      expect([replica.count('forged'), replica.count('reconciled')]).toEqual([1, 0]);
      const honest = await replica.submit(read({ budgetMs: 15_000 }));
      (await replica.run(honest)).finish('alive');
      expect(await honest.outcome).toMatchObject({ state: 'done', result: 'alive' });
      expect(replica.handedOut).toHaveLength(1);
    },
    30_000,
  );
});

/** A script that Redis does not know yet is asked for twice, and then it is not clear which answer is lost. */
async function knowAllScripts(bed: QueueBed): Promise<void> {
  const first = await bed.replica();
  const ticket = await first.submit(write('garden'));
  first.consume(1);
  (await first.run(ticket)).finish();
  await ticket.outcome;
  await first.close();
}

/** Of a replica with other times they are others; it runs one write by the scheduler, and one on the fast lane. */
async function knowScripts(replica: QueueReplica): Promise<void> {
  for (const slots of [0, 2]) {
    replica.setSlots(slots);
    const ticket = await replica.submit(write('garden', { budgetMs: 10_000 }));
    replica.setSlots(2);
    (await replica.run(ticket)).finish();
    await ticket.outcome;
  }
}

function reasonOf(error: unknown): unknown {
  return (error as { reason: unknown }).reason;
}

/** As a clock looks that was set by so much since it was read. */
async function misreadClock({ redis }: QueueReplica, ms: number): Promise<void> {
  const { command } = redis;
  const time = command.time.bind(command);
  const otherTime = async () => {
    const [seconds, microseconds] = await time();
    return [Number(seconds) - ms / 1_000, microseconds];
  };
  Object.assign(command, { time: otherTime });
  await redis.readClock();
  Object.assign(command, { time });
  expect(Math.abs(redis.serverNow()! - Date.now())).toBeGreaterThan(30_000);
}

/** Lets `send` reach Redis, drops what comes back until `isDone`, and then breaks the connections. */
async function loseAnswerOf<T>({ path }: QueueReplica, send: () => T, isDone: () => Promise<unknown>): Promise<Awaited<T>> {
  path.set('down', { as: 'drop' });
  const sending = Promise.resolve(send());
  await eventually(isDone, Boolean, 5_000);
  path.heal();
  path.reset();
  return await sending;
}

/** As a connection does that breaks before the answer came: the command goes out again on the next one. */
function loseNextAnswerOfWork({ redis: { work } }: QueueReplica): void {
  const send = work.evalsha.bind(work) as (...args: unknown[]) => Promise<unknown>;
  const sendTwice = async (...args: unknown[]) => {
    Object.assign(work, { evalsha: send });
    await send(...args);
    work.disconnect(true);
    return send(...args);
  };
  Object.assign(work, { evalsha: sendTwice });
}

/** The first scripts about this request run, and nobody hears what they say. */
function loseAnswersOf(connection: Connection, id: string, count: number): void {
  const send = connection.evalsha.bind(connection) as (...args: unknown[]) => Promise<unknown>;
  let lost = 0;
  const sendAndLose = async (...args: unknown[]) => {
    const answer = await send(...args);
    if (!args.includes(id)) return answer;
    lost += 1;
    if (lost === count) Object.assign(connection, { evalsha: send });
    throw new Error('Connection is closed.');
  };
  Object.assign(connection, { evalsha: sendAndLose });
}

/** The nth script about this request never gets to Redis. */
function swallow(connection: Connection, id: string, nth: number): void {
  const send = connection.evalsha.bind(connection) as (...args: unknown[]) => Promise<unknown>;
  let sent = 0;
  const sendOthers = (...args: unknown[]) => {
    if (args.includes(id)) sent += 1;
    if (sent < nth) return send(...args);
    Object.assign(connection, { evalsha: send });
    return Promise.reject(new Error('Connection is closed.'));
  };
  Object.assign(connection, { evalsha: sendOthers });
}

/** The next script about this request has run; what it said comes with the call of what is returned. */
function holdAnswerOf(connection: Connection, id: string): () => void {
  const send = connection.evalsha.bind(connection) as (...args: unknown[]) => Promise<unknown>;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const sendAndHold = async (...args: unknown[]) => {
    if (!args.includes(id)) return send(...args);
    Object.assign(connection, { evalsha: send });
    const answer = await send(...args);
    await released;
    return answer;
  };
  Object.assign(connection, { evalsha: sendAndHold });
  return release;
}

/** The same offer under another name: what a stalled job, or a lost removal, would look like. */
async function deliverAgain(server: RedisServer, prefix: string, id: string, turn: string): Promise<void> {
  const connection = new Connection(server.url, { maxRetriesPerRequest: null });
  const queue = new Queue('calls-house', { connection, prefix: `{${prefix}}` });
  await queue.add('call', id, { jobId: `again.${turn}`, priority: 1, removeOnComplete: true });
  await queue.close();
  connection.disconnect();
}

/** As a process does that is killed, or closes, between its scheduler's word and the gate's. */
async function takeAndGo(server: RedisServer, prefix: string): Promise<void> {
  const connection = new Connection(server.url, { maxRetriesPerRequest: null });
  const worker = new Worker('calls-house', null, { connection, prefix: `{${prefix}}`, lockDuration: 30_000 });
  await eventually(() => worker.getNextJob('gone', { block: false }));
  await worker.close(true);
  connection.disconnect();
}
