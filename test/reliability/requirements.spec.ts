import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REQUIREMENTS } from './requirements.js';

const ROOT = join(import.meta.dirname, '..');

describe('requirements', () => {
  it('are each listed once', () => {
    const ids = REQUIREMENTS.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('are each named by the test that proves them, or say why not yet', () => {
    const unproved = REQUIREMENTS.filter((requirement) => {
      if ('notYet' in requirement) return requirement.notYet === '';
      return !new RegExp(`(?<![\\w-])${requirement.id}(?![\\w-])`).test(readFileSync(join(ROOT, requirement.provedBy), 'utf8'));
    });
    expect(unproved).toEqual([]);
  });
});
