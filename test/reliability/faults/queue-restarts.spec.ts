import { Logger } from '@nestjs/common';
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.js';
import { QueueBed } from '../../support/queue-bed.js';
import { aRedisServer, type RedisServer } from '../../support/redis-server.js';
import { write } from '../../support/work-queue-kit.js';

/** By the lease of a real installation: what waits does so for longer than a roll call can last. */
const ORDINARY = {};
const WRITE = { budgetMs: 28_000 };

/** F7, F12: Redis comes back, and what it remembers is older than what replicas and callers know. */
describe('After a restart of Redis', () => {
  let server: RedisServer;
  let bed: QueueBed;

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(async () => {
    server = await aRedisServer({ appendfsync: 'always' });
    bed = new QueueBed(server);
  });
  afterEach(async () => {
    await bed.close();
    await server.close();
  });

  /** The part of the file that is written now. */
  async function file(): Promise<string> {
    const [, folder] = (await bed.admin.config('GET', 'dir')) as [string, string];
    const log = join(folder, 'appendonlydir');
    return join(log, readdirSync(log).find((name) => name.endsWith('.incr.aof')) ?? '');
  }

  it.each([
    { took: 'took a moment', awayMs: 0 },
    { took: 'took longer than Redis needs to make an end safe', awayMs: 6_000 },
  ])(
    'that $took and has lost the whole run of a write, the write that was answered is not run again',
    async ({ awayMs }) => {
      const [front, worker] = [await bed.replica(), (await bed.replica()).consume(1)];
      const before = await worker.run(await front.submit(write('house/lamp', WRITE)));
      const lost = await front.submit(write('house/lamp', WRITE));
      await eventually(async () => (await bed.stateOf(lost.id)) === 'parked');
      const path = await file();
      const { size } = statSync(path);
      before.finish();
      (await worker.run(lost)).finish('answered');
      expect(await lost.outcome).toMatchObject({ state: 'done', result: 'answered' });

      await server.kill();
      truncateSync(path, size);
      const killedAt = performance.now();
      await eventually(() => performance.now() - killedAt >= awayMs, Boolean, 10_000);
      await server.restart();
      const next = await eventually(() => front.submit(write('house/lamp', WRITE)).catch(() => undefined), Boolean, 20_000);
      await worker.run(next!);
      expect(worker.handedOut.filter(({ job }) => job.id === lost.id)).toHaveLength(1);
      expect(await bed.stateOf(lost.id)).toBe('done');
    },
    60_000,
  );

  it('a write that was offered too early is offered again soon after all replicas were heard', async () => {
    const [front, worker, silent] = [await bed.replica(ORDINARY), await bed.replica(ORDINARY), await bed.replica(ORDINARY)];
    worker.consume(0);
    const waits = await front.submit(write('house/lamp', WRITE));
    // it has been offered twice, so that the third time would be long after
    await eventually(() => front.count('reoffered') + worker.count('reoffered') + silent.count('reoffered') > 0, Boolean, 10_000);
    await silent.path.refuse();
    await server.kill();
    await server.restart();
    worker.setSlots(1);
    await eventually(() => worker.queue.ready().ok, Boolean, 10_000);
    // the offer is taken up, and refused
    await eventually(() => worker.events.some((event) => event.is === 'script' && event.name === 'claim'), Boolean, 10_000);
    await silent.path.accept();
    await eventually(async () => (await bed.admin.hget(bed.key('epoch'), 'until')) === null, Boolean, 10_000);
    const heardAt = performance.now();
    expect((await worker.run(waits)).at - heardAt).toBeLessThan(4_000);
  }, 60_000);
});
