import fc from 'fast-check';
import { GateBed, type Replica } from '../../../test/support/gate-kit.js';
import { conflict } from '../../../test/support/lock-model.js';
import { aRedis } from '../../../test/support/redis-server.js';
import type { Lock } from '../../call/call-plan.js';
import { lockLines } from '../lock-lines.js';
import { Gate } from './gate.js';
import type { AcceptAnswer, Offer } from './gate-answers.js';

describe(`${Gate.name}: lines`, () => {
  let redis: Awaited<ReturnType<typeof aRedis>>;
  let bed: GateBed;
  let houses = 0;

  beforeAll(async () => {
    redis = await aRedis();
    bed = new GateBed(redis.url);
  });
  afterAll(async () => {
    await bed.closeConsistent();
    await redis.close();
  });

  it('lets random path sets run exactly as a model of conflicts says, in order of seq, without overlap or deadlock', async () => {
    const one = await bed.opened('one');
    await fc.assert(
      fc.asyncProperty(
        fc.array(pathSets, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 24 }),
        async (sets, choices) => {
          const model = new Model();
          houses += 1;
          for (const [index, locks] of sets.entries()) {
            const id = `request ${index} of house ${houses}`;
            const lines = lockLines(locks.map(({ path, mode }) => ({ path: [`house ${houses}`, ...path], mode })));
            model.accept(id, await one.accept({ key: { as: 'once', id }, kind: 'write', lane: `house ${houses}`, lines }), locks);
          }
          for (let step = 0; model.open.size > 0; step += 1) await oneStep(one, model, choices[step] ?? 0);
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);

  /** Ends one of those that may run, in one of the ways there are, or puts it back; checks who may run before and after. */
  async function oneStep(one: Replica, model: Model, choice: number): Promise<void> {
    expect(model.offered()).toEqual(model.free());
    const ids = [...model.offers.keys()];
    const offer = model.offers.get(ids[choice % ids.length]!)!;
    model.offers.delete(offer.id);
    const ways: Record<number, () => Promise<readonly Offer[]>> = {
      0: async () => offersOf(await one.gate.leave(offer.id, 'left')),
      1: async () => offersOf(await one.gate.giveBack(await one.begun(offer), { as: 'put_back', delayMs: 0, ranMs: 0 })),
      2: async () => offersOf(await one.finish(await one.begun(offer), { state: 'unknown', why: 'lost', body: undefined })),
      3: async () => leaveOneThatWaits(one, model, choice),
    };
    const way = ways[choice % 7];
    const offers = way ? await way() : offersOf(await one.finish(await one.begun(offer)));
    if (choice % 7 === 3) model.offers.set(offer.id, offer);
    else if (choice % 7 !== 1) model.open.delete(offer.id);
    for (const next of offers) model.offers.set(next.id, next);
  }

  async function leaveOneThatWaits(one: Replica, model: Model, choice: number): Promise<readonly Offer[]> {
    const parked = [...model.open.keys()].filter((id) => !model.free().includes(id));
    const id = parked[choice % Math.max(1, parked.length)];
    if (id === undefined) return [];
    model.open.delete(id);
    return offersOf(await one.gate.leave(id, 'deadline'));
  }
});

function offersOf(answer: { readonly as: string; readonly effects?: { readonly offers: readonly Offer[] } }): readonly Offer[] {
  return (answer.effects?.offers ?? []).filter(({ as }) => as !== 'gone');
}

/** Who is open, in order of acceptance, and who has been offered. */
class Model {
  readonly open = new Map<string, readonly Lock[]>();
  readonly offers = new Map<string, Offer>();

  accept(id: string, answer: AcceptAnswer, locks: readonly Lock[]): void {
    this.open.set(id, locks);
    for (const offer of offersOf(answer)) this.offers.set(id, offer);
  }

  /** Everybody whose locks meet those of nobody earlier. */
  free(): readonly string[] {
    const requests = [...this.open];
    return requests
      .filter(([, locks], index) => !requests.slice(0, index).some(([, earlier]) => conflict(earlier, locks)))
      .map(([id]) => id);
  }

  offered(): readonly string[] {
    return [...this.open.keys()].filter((id) => this.offers.has(id));
  }
}

const pathSets: fc.Arbitrary<readonly Lock[]> = fc.array(
  fc.record({
    path: fc.constantFrom(['h'], ['h', 'a'], ['h', 'b'], ['h', 'a', '1'], ['h', 'a', '2'], ['h', 'b', '1'], ['h', 'b', '2']),
    mode: fc.constantFrom('X' as const, 'X' as const, 'S' as const),
  }),
  { minLength: 1, maxLength: 3 },
);
