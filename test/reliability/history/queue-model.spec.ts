import fc from 'fast-check';
import { check } from './check.js';
import { QueueModel, type Step } from './queue-model.js';

const entities = fc.constantFrom(['light.a'], ['light.a'], ['light.b'], ['light.a', 'light.b'], ['light']);
const which = fc.nat(30);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('ask' as const),
      kind: fc.constantFrom('write' as const, 'write' as const, 'read' as const),
      entities,
      priority: fc.constantFrom(0 as const, 2 as const, 4 as const),
      budgetMs: fc.constantFrom(30, 200, 5_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('finish' as const), which }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('ask_again' as const, 'leave' as const, 'crash' as const), which }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 80 }) }) },
);
/** Some seconds on a quiet machine. */
const TIMEOUT_MS = 60_000;
const steps = fc.array(step, { minLength: 1, maxLength: 40 });

const rulesBroken = async (taken: readonly Step[], options: { readonly locks?: boolean } = {}) =>
  check(await new QueueModel(options).live(taken)).map(({ rule, what }) => `${rule}: ${what}`);

describe('the embedded queue under any interleaving of callers, children and time', () => {
  it(
    'breaks no rule',
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (taken) => expect(await rulesBroken(taken)).toEqual([])),
        { numRuns: 1_000 },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'is found out without its locks, by few steps',
    async () => {
      const { counterexample } = await fc.check(
        fc.asyncProperty(steps, async (taken) => expect(await rulesBroken(taken, { locks: false })).toEqual([])),
        { numRuns: 1_000 },
      );
      expect(counterexample?.[0].length).toBeLessThanOrEqual(4);
    },
    TIMEOUT_MS,
  );
});
