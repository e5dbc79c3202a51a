import { check } from './check.js';
import { cleanHistory } from './clean-history.js';
import { MUTATIONS } from './mutations.js';
import { Random } from './random.js';
import { RULES } from './violation.js';

const SEEDS = [...Array(4).keys()];

describe('the history checker', () => {
  it.each(SEEDS)('finds nothing in a clean history, seed %i', (seed) => {
    expect(check(cleanHistory(seed, 2_000))).toEqual([]);
  });

  it('has a seeded bug for every rule', () => {
    expect([...new Set(MUTATIONS.map(({ rule }) => rule))]).toEqual(RULES);
  });

  describe.each(MUTATIONS)('when $bug', (mutation) => {
    const { rule } = mutation;
    it.each(SEEDS)(`reports ${rule} for it, seed %i`, (seed) => {
      const { history, op } = mutation.apply(cleanHistory(seed, 1_000), new Random(seed));
      const found = check(history).filter((violation) => violation.rule === rule && violation.isExempt !== true);
      expect(found.map(({ ops }) => ops[0])).toContain(op);
    });
  });
});
