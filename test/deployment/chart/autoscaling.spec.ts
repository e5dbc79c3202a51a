import { QueueBed } from '../../support/queue-bed.js';
import { aRedisServer, type RedisServer } from '../../support/redis-server.js';
import { write } from '../../support/work-queue-kit.js';
import { one, render } from './chart-kit.js';

/** What the operator's Redis scaler asks, by the type of the key it was told. */
const SIZE_BY_TYPE: Readonly<Record<string, string>> = { list: 'LLEN', set: 'SCARD', zset: 'ZCARD', hash: 'HLEN', none: 'LLEN' };

describe('KEDA, asking the key that the chart names', () => {
  let server: RedisServer;
  let bed: QueueBed;

  beforeAll(async () => {
    server = await aRedisServer();
    bed = new QueueBed(server);
  });
  afterAll(async () => {
    await bed.close();
    await server.close();
  });

  it('is told how many calls of a real queue wait, and not those that run', async () => {
    const values = {
      autoscaling: { keda: { enabled: true } },
      redis: { bundled: { enabled: true } },
      config: { redis: { prefix: bed.prefix } },
    };
    const { listName } = one(render(values), 'ScaledObject').spec.triggers[0].metadata;
    const asked = async () => {
      const command = SIZE_BY_TYPE[await bed.admin.type(listName)];
      return bed.admin.call(command!, listName);
    };
    expect(await asked()).toBe(0);

    const replica = await bed.replica();
    const tickets = await Promise.all(Array.from({ length: 7 }, (_, n) => replica.submit(write(`house/lamp-${n}`))));
    expect(await asked()).toBe(7);

    replica.consume(2);
    const first = await replica.run(tickets[0]!);
    await replica.run(tickets[1]!);
    expect(await asked()).toBe(5);
    first.finish();
    await replica.run(tickets[2]!);
    expect(await asked()).toBe(4);
  });
});
