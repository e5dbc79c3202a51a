import fc from 'fast-check';
import { GateBed, type Replica } from '../../../test/support/gate-kit.js';
import { conflict } from '../../../test/support/lock-model.js';
import { aRedis } from '../../../test/support/redis-server.js';
import type { Lock } from '../../call/call-plan.js';
import type { Priority } from '../../call/priority.js';
import { lockLines } from '../lock-lines.js';
import { Gate } from './gate.js';
import type { Effects, HandOutKey, Offer } from './gate-answers.js';

describe(`${Gate.name}: history`, () => {
  let redis: Awaited<ReturnType<typeof aRedis>>;

  beforeAll(async () => {
    redis = await aRedis();
  });
  afterAll(() => redis.close());

  it('begins no write twice and none beside one that excludes it, whatever three replicas do in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 20, maxLength: 60 }), async (history) => {
        const house = await House.open(redis.url);
        try {
          for (const step of history) await house.take(step);
          await house.bed.isConsistent();
          await house.comesToRest();
          await house.bed.isConsistent();
        } finally {
          house.bed.close();
        }
      }),
      { numRuns: 40, interruptAfterTimeLimit: 60_000 },
    );
  }, 120_000);
});

type Step = {
  readonly does: 'accept' | 'join' | 'claim' | 'begin' | 'renew' | 'finish' | 'give_back' | 'leave' | 'forget' | 'sweep';
  readonly by: number;
  readonly which: number;
  readonly locks: readonly Lock[];
  readonly priority: number;
};

/** Everything that was ever offered or handed out stays in play: late, double and outdated steps belong to a history. */
class House {
  readonly offers: Offer[] = [];
  readonly handOuts: HandOutKey[] = [];
  private readonly locks = new Map<string, readonly Lock[]>();
  private readonly kinds = new Map<string, 'read' | 'write'>();
  /** Writes that began and have not ended, by id. */
  private readonly begun = new Map<string, string>();
  private readonly everBegun = new Set<string>();
  /** Hand-outs that have ever begun a write, given back or not, by holder. */
  private readonly haveBegun = new Set<string>();

  static async open(url: string): Promise<House> {
    const bed = new GateBed(url, { leaseMs: 600_000 });
    return new House(bed, [await bed.opened('one'), await bed.opened('two'), await bed.opened('three')]);
  }

  private constructor(
    readonly bed: GateBed,
    private readonly replicas: readonly Replica[],
  ) {}

  async take({ does, by, which, locks, priority }: Step): Promise<void> {
    const replica = this.replicas[by % this.replicas.length]!;
    const offer = this.offers[which % Math.max(1, this.offers.length)];
    const handOut = this.handOuts[which % Math.max(1, this.handOuts.length)];
    const id = [...this.locks.keys()][which % Math.max(1, this.locks.size)];
    if (does === 'accept') await this.accept(replica, `request ${this.locks.size}`, locks, priority);
    if (does === 'join' && id !== undefined) await this.accept(replica, id, this.locks.get(id)!, priority);
    if (does === 'claim' && offer) await this.claim(replica, offer);
    if (does === 'begin' && handOut) await this.begin(replica, handOut);
    if (does === 'renew' && handOut) await this.renew(replica, handOut);
    if (does === 'finish' && handOut) await this.finish(replica, handOut, which);
    if (does === 'give_back' && handOut) await this.giveBack(replica, handOut, which);
    if (does === 'leave' && id !== undefined) this.follow(await replica.gate.leave(id, which % 2 ? 'left' : 'deadline'));
    if (does === 'forget' && handOut) await this.loseLease(replica, handOut);
    if (does === 'sweep') this.follow(await replica.sweep());
  }

  /** Whatever is still open can be brought to its end: nothing is stuck behind what is gone. */
  async comesToRest(): Promise<void> {
    const [one] = this.replicas;
    for (let round = 0; (await one!.gate.stats()).waiting + (await one!.gate.stats()).running > 0; round += 1) {
      expect(round).toBeLessThan(200);
      for (const offer of [...this.offers]) await this.claim(one!, offer);
      for (const handOut of [...this.handOuts]) {
        await this.begin(one!, handOut);
        await this.finish(one!, handOut, 0);
      }
      this.follow(await one!.sweep());
    }
  }

  private async accept(replica: Replica, id: string, locks: readonly Lock[], priority: number): Promise<void> {
    const kind = this.kinds.get(id) ?? (priority % 3 === 0 ? 'read' : 'write');
    this.locks.set(id, locks);
    this.kinds.set(id, kind);
    const key = { as: 'client', id, hash: '' } as const;
    const holder = `${replica.name}#fast ${this.handOuts.length}`;
    const answer = await replica.accept({
      key,
      kind,
      lines: lockLines(locks),
      priority: (priority % 5) as Priority,
      share: `share ${priority % 2}`,
      ...(priority % 4 === 0 && { holder }),
    });
    this.follow(answer);
    if (answer.as === 'mine') this.handOuts.push({ id, turn: answer.turn, holder });
  }

  private async claim(replica: Replica, offer: Offer): Promise<void> {
    const handOut = replica.handOut(offer);
    const answer = await replica.gate.claim(handOut);
    this.follow(answer);
    if (answer.as === 'go') this.handOuts.push(handOut);
  }

  private async begin(replica: Replica, handOut: HandOutKey): Promise<void> {
    const answer = await replica.gate.begin(handOut);
    this.follow(answer);
    if (answer.as !== 'go' || this.kinds.get(handOut.id) === 'read') return;
    const { id, holder } = handOut;
    if (this.begun.get(id) === holder) return;
    expect(this.everBegun).not.toContain(id);
    for (const other of this.begun.keys()) {
      if (conflict(this.locks.get(id)!, this.locks.get(other)!)) throw new Error(`${id} began beside ${other}`);
    }
    this.begun.set(id, holder);
    this.everBegun.add(id);
    this.haveBegun.add(holder);
  }

  /** Nothing was lost, so that whoever has it not in hand is not believed, whatever he has begun once. */
  private async renew(replica: Replica, handOut: HandOutKey): Promise<void> {
    const [holds] = (await replica.gate.peek([{ id: handOut.id }])).open;
    // accepted anew since: no record can tell that from a first acceptance that was lost
    if (holds && handOut.turn < holds.seq) return;
    const begun = this.kinds.get(handOut.id) === 'read' || this.haveBegun.has(handOut.holder);
    const { renewed } = await replica.gate.renew([{ ...handOut, begun }]);
    expect(renewed.map(({ holder }) => holder)).toEqual(holds?.holder === handOut.holder ? [handOut.holder] : []);
  }

  private async finish(replica: Replica, handOut: HandOutKey, which: number): Promise<void> {
    const begun = this.begun.get(handOut.id) === handOut.holder || this.kinds.get(handOut.id) === 'read';
    const ending = begun ? ({ state: which % 3 ? 'done' : 'unknown', begun } as const) : ({ state: 'failed', begun } as const);
    const answer = await replica.gate.finish(
      handOut,
      { why: '', ranMs: 1, ...ending, body: { bytes: Buffer.from('1'), textBytes: 1 } },
      'one',
    );
    this.follow(answer);
    if (begun) this.begun.delete(handOut.id);
  }

  private async giveBack(replica: Replica, handOut: HandOutKey, which: number): Promise<void> {
    const as = this.kinds.get(handOut.id) === 'read' && which % 2 ? 'retry' : 'put_back';
    const answer = await replica.gate.giveBack(handOut, { as, delayMs: 0, ranMs: 1 });
    this.follow(answer);
    if (answer.as === 'no' || this.begun.get(handOut.id) !== handOut.holder) return;
    // certain that nothing was sent: it may begin anew
    this.begun.delete(handOut.id);
    this.everBegun.delete(handOut.id);
  }

  /** As if its holder had been silent for a lease; a write that had begun counts as dead with it. */
  private async loseLease(replica: Replica, { id }: HandOutKey): Promise<void> {
    const isHeld = await this.bed.redis.zadd(this.bed.key('lease'), 'XX', 'CH', 1, id);
    if (isHeld === 0) return;
    this.begun.delete(id);
    this.follow(await replica.sweep());
  }

  private follow(answer: { readonly as: string; readonly effects?: Effects }): void {
    this.offers.push(...(answer.effects?.offers ?? []));
  }
}

const lock: fc.Arbitrary<Lock> = fc.record({
  path: fc.constantFrom(['h'], ['h', 'a'], ['h', 'b'], ['h', 'a', '1'], ['h', 'a', '2']),
  mode: fc.constantFrom('X' as const, 'X' as const, 'S' as const),
});

const steps: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(
    'accept',
    'accept',
    'accept',
    'join',
    'claim',
    'claim',
    'claim',
    'begin',
    'begin',
    'renew',
    'renew',
    'finish',
    'give_back',
    'leave',
    'forget',
    'sweep',
  ),
  by: fc.nat(2),
  which: fc.nat(1_000),
  locks: fc.array(lock, { maxLength: 2 }),
  priority: fc.nat(60),
});
