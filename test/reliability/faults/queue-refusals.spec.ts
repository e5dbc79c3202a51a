import { Logger } from '@nestjs/common';
import type { Redis as Connection } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { QueueBed } from '../../support/queue-bed.js';
import { aRedisServer, type RedisServer } from '../../support/redis-server.js';
import { write } from '../../support/work-queue-kit.js';

interface Refusal {
  refuse(admin: Connection): Promise<unknown>;
  relent(admin: Connection): Promise<unknown>;
}

/** What makes a server refuse a script before it runs, and what ends that. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  NOREPLICAS: {
    refuse: (admin) => admin.config('SET', 'min-replicas-to-write', '1'),
    relent: (admin) => admin.config('SET', 'min-replicas-to-write', '0'),
  },
  NOPERM: {
    refuse: (admin) => admin.acl('SETUSER', 'default', '-evalsha'),
    relent: (admin) => admin.acl('SETUSER', 'default', '+evalsha'),
  },
  MISCONF: {
    refuse: async (admin) => {
      await admin.config('SET', 'save', '3600 1');
      await admin.bgsave().catch(() => undefined);
      await eventually(async () => (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'));
    },
    relent: (admin) => admin.config('SET', 'save', ''),
  },
  BUSY: {
    refuse: async (admin) => {
      await admin.config('SET', 'busy-reply-threshold', '1');
      const other = admin.duplicate();
      other.on('error', () => undefined);
      void other.eval('while true do end', 0).catch(() => other.disconnect());
      await eventually(async () => (await admin.ping().catch(String)).includes('BUSY'));
    },
    relent: (admin) => admin.script('KILL'),
  },
};

describe('The queue, when Redis refuses a new call', () => {
  let server: RedisServer;
  let bed: QueueBed;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    // no snapshot can take the place of the folder
    server = await aRedisServer({ dbfilename: '.' });
    bed = new QueueBed(server);
  });
  afterEach(async () => {
    await bed.close();
    await server.close();
  });

  it.each(Object.keys(REFUSALS))(
    'with %s, says at once that nothing was done',
    async (word) => {
      const replica = await bed.replica();
      await REFUSALS[word]!.refuse(bed.admin);
      const askedAt = performance.now();
      const refused = replica.submit(write('house/door', { budgetMs: 10_000 }));
      await expect(refused).rejects.toMatchObject({ reason: 'store_away', data: { outcome: 'not_started', reason: 'refused' } });
      // short of the time after which an acceptance without an answer may be asked for
      expect(performance.now() - askedAt).toBeLessThan(1_500);
      expect(replica.events).not.toContainEqual(expect.objectContaining({ is: 'accepted', how: 'doubt' }));
      await REFUSALS[word]!.relent(bed.admin);
      expect(await eventually(() => replica.submit(write('house/door')).catch(() => undefined), Boolean, 10_000)).toBeDefined();
    },
    30_000,
  );
});
