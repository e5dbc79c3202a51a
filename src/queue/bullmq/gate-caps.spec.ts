import { eventually } from '../../../test/support/eventually.js';
import { exclusive, GateBed, type Replica } from '../../../test/support/gate-kit.js';
import { aRedisServer, type RedisServer } from '../../../test/support/redis-server.js';
import { type Acceptance, Gate } from './gate.js';

const MOST_WITH_LOCKS = 2_000;
/** What Redis may be kept from everybody else, in ms of its own processor time; a step is built for half of 25. */
const LONGEST_MS = 50;

describe(`${Gate.name}: at the caps`, () => {
  let redis: RedisServer;
  let bed: GateBed;
  let one: Replica;
  let filled: number;

  beforeEach(async () => {
    redis = await aRedisServer({ appendonly: 'no' });
    bed = new GateBed(redis.url, { leaseMs: 60_000 });
    one = await bed.opened('one');
  });
  afterEach(async () => {
    bed.close();
    await redis.close();
  });

  it.each([
    ['one share', () => 'same'],
    ['shares of their own', (index: number) => `share ${index}`],
  ])(
    'releases all that wait for the root in short steps, in order, when they are of %s',
    async (_whose, shareOf) => {
      const root = await one.begun(await one.offered(exclusive('house')));
      await fill((index) => ({ ...entityWrite(index), share: shareOf(index) }));
      expect(filled).toBe(MOST_WITH_LOCKS);
      expect(await one.accept({ ...entityWrite(0), maxSize: 100_000 })).toMatchObject({ as: 'full' });

      expect(await spentMs(() => one.finish(root))).toBeLessThan(LONGEST_MS);
      await eventually(async () => {
        expect(await spentMs(() => one.sweep())).toBeLessThan(LONGEST_MS);
        return (await one.gate.stats()).parked.lock === 0;
      });
      await bed.isConsistent();
    },
    60_000,
  );

  it('expires many in short steps', async () => {
    await one.begun(await one.offered(exclusive('house')));
    await fill((index) => ({ ...entityWrite(index), budgetMs: 1 }));
    await eventually(async () => {
      expect(await spentMs(() => one.sweep())).toBeLessThan(LONGEST_MS);
      return (await one.gate.stats()).waiting === 0;
    });
  }, 60_000);

  it('accepts, tells and looks fast behind a line of thousands', async () => {
    await fill(() => exclusive('house/lamp'));
    expect(await spentMs(() => one.accept(exclusive('house')))).toBeLessThan(LONGEST_MS / 10);
    expect(await spentMs(() => one.gate.stats())).toBeLessThan(LONGEST_MS / 10);
    expect(await spentMs(() => one.gate.peek(Array.from({ length: 200 }, (_, index) => ({ id: `request ${index}` }))))).toBeLessThan(
      LONGEST_MS,
    );
  }, 60_000);

  /** As many as get in; each keeps its number as its id. */
  async function fill(terms: (index: number) => Partial<Acceptance>): Promise<void> {
    filled = 0;
    for (let start = 0; filled === start; start += 100) {
      const batch = Array.from({ length: 100 }, (_, index) => ({ ...terms(start + index), id: `request ${start + index}` }));
      const answers = await Promise.all(
        batch.map(({ id, ...rest }) => one.accept({ maxSize: 100_000, budgetMs: 100_000, ...rest, key: { as: 'once', id } })),
      );
      filled += answers.filter(({ as }) => as === 'queued').length;
    }
  }

  async function spentMs(step: () => Promise<unknown>): Promise<number> {
    const before = await processorMs();
    await step();
    return (await processorMs()) - before;
  }

  async function processorMs(): Promise<number> {
    const info = await bed.redis.info('cpu');
    const seconds = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)![1]);
    return (seconds('used_cpu_user_main_thread') + seconds('used_cpu_sys_main_thread')) * 1_000;
  }
});

function entityWrite(index: number): Pick<Acceptance, 'kind' | 'lines'> {
  return {
    kind: 'write',
    lines: [
      { line: 'house', mode: 'S' },
      { line: 'house/light', mode: 'S' },
      { line: `house/light/${index}`, mode: 'X' },
    ],
  };
}
